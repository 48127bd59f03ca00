# MERIDIAN_SANITIZE: "" (none), "address,undefined" or "thread"; applies to every target of the tree.
include_guard()

set(MERIDIAN_SANITIZE "" CACHE STRING "Sanitizers to build with: empty, address,undefined or thread")
set_property(CACHE MERIDIAN_SANITIZE PROPERTY STRINGS "" "address,undefined" "thread")

add_library(meridian_sanitizers INTERFACE)
if(MERIDIAN_SANITIZE)
  target_compile_options(meridian_sanitizers INTERFACE
    -fsanitize=${MERIDIAN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # What is looked for is in the library; in the code of tests it nearly doubles the time to compile.
    $<$<BOOL:$<TARGET_PROPERTY:MERIDIAN_IS_TEST>>:-fno-sanitize=undefined>)
  target_link_options(meridian_sanitizers INTERFACE -fsanitize=${MERIDIAN_SANITIZE})
endif()
if(MERIDIAN_FUZZ)
  # Coverage for every floor; only the targets themselves link libFuzzer's main.
  target_compile_options(meridian_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()
