# Warnings for our own code. They are errors unless MERIDIAN_WARNINGS_AS_ERRORS is off, which packagers with another
# compiler want. Sanitizer builds have none: instrumented code makes g++ see problems that are not there, and the same
# files are compiled with all warnings in every other preset.
include_guard()

option(MERIDIAN_WARNINGS_AS_ERRORS "Treat warnings in Meridian's own code as errors" ${PROJECT_IS_TOP_LEVEL})

add_library(meridian_warnings INTERFACE)
if(MERIDIAN_SANITIZE)
  return()
endif()
target_compile_options(meridian_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Wcast-qual -Woverloaded-virtual -Wimplicit-fallthrough -Wundef
  # Naming some fields and leaving the rest to their defaults is how our option structs are meant to be used.
  -Wno-missing-field-initializers)
if(MERIDIAN_WARNINGS_AS_ERRORS)
  target_compile_options(meridian_warnings INTERFACE -Werror)
endif()
