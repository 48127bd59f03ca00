# What comes from outside. Whatever is missing is named together with the Debian package that brings it.
include_guard()

# meridian_find_package(NAME DEBIAN_PACKAGE)
macro(meridian_find_package name debian_package)
  find_package(${name} QUIET)
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "Meridian needs ${name}, which was not found. On Debian: apt-get install ${debian_package}")
  endif()
endmacro()

find_package(Threads REQUIRED)

include(CheckCXXSourceCompiles)
check_cxx_source_compiles("#include <expected>
  #ifndef __cpp_lib_expected
  #error
  #endif
  int main() {}" MERIDIAN_HAS_STD_EXPECTED)
if(NOT MERIDIAN_HAS_STD_EXPECTED)
  meridian_find_package(tl-expected libexpected-dev)
endif()

# Asio is a matter of src/net alone: floor_net links this privately.
find_path(MERIDIAN_ASIO_INCLUDE_DIR asio.hpp)
if(NOT MERIDIAN_ASIO_INCLUDE_DIR)
  message(FATAL_ERROR "Meridian needs Asio (asio.hpp), which was not found. On Debian: apt-get install libasio-dev")
endif()
mark_as_advanced(MERIDIAN_ASIO_INCLUDE_DIR)
add_library(meridian_asio INTERFACE)
target_include_directories(meridian_asio SYSTEM INTERFACE ${MERIDIAN_ASIO_INCLUDE_DIR})
target_link_libraries(meridian_asio INTERFACE Threads::Threads)

# So is OpenSSL, except that whoever links libmeridian as a static library needs it, too.
find_package(OpenSSL 3 QUIET COMPONENTS SSL Crypto)
if(NOT OPENSSL_FOUND)
  message(FATAL_ERROR "Meridian needs OpenSSL 3, which was not found. On Debian: apt-get install libssl-dev")
endif()

# The status of a client as JSON; headers only, in one file of src/core.
meridian_find_package(nlohmann_json nlohmann-json3-dev)
