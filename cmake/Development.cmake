# What only those who work on Meridian itself need; a project that adds this tree as a subdirectory gets none of it.
include_guard()

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(MERIDIAN_CCACHE ccache)
  if(MERIDIAN_CCACHE)
    # Without this leave ccache does not touch what uses a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${MERIDIAN_CCACHE})
  endif()
endif()
