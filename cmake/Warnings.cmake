# Warnings for our own code; they are errors.
include_guard()
add_library(meridian_warnings INTERFACE)
target_compile_options(meridian_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Wcast-qual -Woverloaded-virtual -Wimplicit-fallthrough -Wundef -Werror)
