// The tests of the component. `unit_config --write-docs PATH` writes the page of the options instead.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <string_view>

#include "unit/config/options_page.hpp"

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--write-docs") {
    std::ofstream file(argv[2], std::ios::binary);
    file << meridian::config::options_page();
    file.close();
    if (file) return 0;
    std::cerr << "cannot write " << argv[2] << '\n';
    return 1;
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
