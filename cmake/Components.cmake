# meridian_component(NAME PACKAGE package LIBRARY target): src/components/NAME as `meridian_NAME`, for users
# `meridian::NAME`. It stands on the public API and on one library, and is left out where that is not installed.
include_guard()

function(meridian_component name)
  cmake_parse_arguments(component "" "PACKAGE;LIBRARY" "" ${ARGN})
  find_package(${component_PACKAGE} QUIET)
  if(NOT ${component_PACKAGE}_FOUND)
    message(STATUS "Meridian's component '${name}' is left out: it needs ${component_PACKAGE}, which was not found")
    return()
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/components/${name}/*.cpp)
  if(MERIDIAN_FUZZ)
    list(FILTER sources EXCLUDE REGEX "/coroutine_")  # clang 14 has no coroutines under AddressSanitizer
  endif()
  add_library(meridian_${name} ${sources})
  add_library(meridian::${name} ALIAS meridian_${name})
  set_target_properties(meridian_${name} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  # For its own sources and its tests; users have include/ alone.
  target_include_directories(meridian_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  # What fuzz targets call needs no client and no sockets: the floors up to `health` are enough, and quicker to build.
  set(base meridian)
  if(MERIDIAN_FUZZ)
    set(base floor_health)
  endif()
  target_link_libraries(meridian_${name} PUBLIC ${base} PRIVATE ${component_LIBRARY} meridian_warnings)
endfunction()
