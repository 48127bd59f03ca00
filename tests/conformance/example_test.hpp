// One GoogleTest case for each command: all of its examples against a real server.
#pragma once

namespace meridian::conformance {

// Before RUN_ALL_TESTS.
void register_example_tests();

}  // namespace meridian::conformance
