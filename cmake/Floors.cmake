# meridian_floor(NAME [BELOW floors…]): every .cpp under src/NAME as one static library `floor_NAME`.
# meridian_library(): the floors together as `meridian::meridian`.
include_guard()

find_package(Threads REQUIRED)

include(CheckCXXSourceCompiles)
check_cxx_source_compiles("#include <expected>
  #ifndef __cpp_lib_expected
  #error
  #endif
  int main() {}" MERIDIAN_HAS_STD_EXPECTED)

# What the public headers need, wherever they are included.
add_library(meridian_headers INTERFACE)
target_include_directories(meridian_headers INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
target_compile_features(meridian_headers INTERFACE cxx_std_20)
target_compile_definitions(meridian_headers INTERFACE MERIDIAN_STD_EXPECTED=$<BOOL:${MERIDIAN_HAS_STD_EXPECTED}>)

function(meridian_floor name)
  cmake_parse_arguments(floor "" "" "BELOW" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  if(NOT sources)
    add_library(floor_${name} INTERFACE)
    set(kind INTERFACE)
  else()
    add_library(floor_${name} STATIC ${sources})
    set(kind PUBLIC)
    target_link_libraries(floor_${name} PRIVATE meridian_warnings)
    set_property(GLOBAL APPEND PROPERTY meridian_built_floors floor_${name})
  endif()
  target_include_directories(floor_${name} ${kind} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(floor_${name} ${kind} meridian_headers meridian_sanitizers)
  foreach(below IN LISTS floor_BELOW)
    target_link_libraries(floor_${name} ${kind} floor_${below})
  endforeach()
  if(name STREQUAL "net")
    target_link_libraries(floor_net ${kind} Threads::Threads)
  endif()
endfunction()

function(meridian_library)
  get_property(floors GLOBAL PROPERTY meridian_built_floors)
  foreach(floor IN LISTS floors)
    list(APPEND objects $<TARGET_OBJECTS:${floor}>)
  endforeach()
  add_library(meridian ${objects})
  add_library(meridian::meridian ALIAS meridian)
  set_target_properties(meridian PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(meridian PUBLIC meridian_headers meridian_sanitizers PRIVATE Threads::Threads)
endfunction()
