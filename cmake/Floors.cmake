# meridian_floor(NAME [BELOW floors…]): every .cpp under src/NAME as one static library `floor_NAME`.
# meridian_library(): the floors together, as `meridian::meridian` for users, as `meridian_inside` for tests that look
# behind the public headers, and as `meridian_planted` for the tests of the simulator.
include_guard()

# What the public headers need, wherever they are included.
add_library(meridian_headers INTERFACE)
target_include_directories(meridian_headers INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
target_compile_features(meridian_headers INTERFACE cxx_std_20)
target_compile_definitions(meridian_headers INTERFACE MERIDIAN_STD_EXPECTED=$<BOOL:${MERIDIAN_HAS_STD_EXPECTED}>)
if(NOT MERIDIAN_HAS_STD_EXPECTED)
  target_link_libraries(meridian_headers INTERFACE tl::expected)
endif()
if(BUILD_SHARED_LIBS)
  target_compile_definitions(meridian_headers INTERFACE MERIDIAN_SHARED=1)
endif()

# The floors in which tests may plant bugs (core/decision.hpp), and those above them: built twice. Those below, and
# net, are never built with planted bugs; tests/layering holds them to that.
set(meridian_planted_floors protocol database failover health client facade)

function(meridian_floor name)
  cmake_parse_arguments(floor "" "" "BELOW" ${ARGN})
  set_property(GLOBAL APPEND PROPERTY meridian_floors ${name})
  meridian_floor_library(floor_${name} ${name} "floor_" "${floor_BELOW}")
  if(name IN_LIST meridian_planted_floors)
    meridian_floor_library(planted_${name} ${name} "planted_" "${floor_BELOW}")
    target_compile_definitions(planted_${name} PUBLIC MERIDIAN_PLANTED_BUGS=1)
    set_target_properties(planted_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  else()
    add_library(planted_${name} ALIAS floor_${name})
  endif()
endfunction()

# What is nobody's but the tests': several files at once, which takes half the time.
function(meridian_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  # An anonymous namespace seems to come from a header there.
  target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
endfunction()

function(meridian_floor_library target name prefix below)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  if(NOT sources)
    set(sources ${PROJECT_SOURCE_DIR}/cmake/empty.cpp)
  endif()
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PUBLIC meridian_headers meridian_sanitizers PRIVATE meridian_warnings)
  if(MERIDIAN_SANITIZE OR prefix STREQUAL "planted_")
    meridian_unity(${target})
  endif()
  foreach(floor IN LISTS below)
    target_link_libraries(${target} PUBLIC ${prefix}${floor})
  endforeach()
  if(name STREQUAL "core")
    target_link_libraries(${target} PRIVATE nlohmann_json::nlohmann_json)  # in describe.cpp
  endif()
  if(name STREQUAL "net")
    # PUBLIC, because src/net's own headers include them; nobody but facade and the unit tests of net sees those.
    target_link_libraries(${target} PUBLIC meridian_asio OpenSSL::SSL)
  endif()
endfunction()

function(meridian_library)
  get_property(floors GLOBAL PROPERTY meridian_floors)
  add_library(meridian)
  add_library(meridian::meridian ALIAS meridian)
  add_library(meridian_inside INTERFACE)
  add_library(meridian_planted INTERFACE)
  foreach(floor IN LISTS floors)
    target_sources(meridian PRIVATE $<TARGET_OBJECTS:floor_${floor}>)
    target_link_libraries(meridian_inside INTERFACE floor_${floor})
    target_link_libraries(meridian_planted INTERFACE planted_${floor})
  endforeach()
  set_target_properties(meridian PROPERTIES
    LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  target_link_libraries(meridian PUBLIC meridian_headers meridian_sanitizers PRIVATE Threads::Threads OpenSSL::SSL)
endfunction()
