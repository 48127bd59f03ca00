// The conformance test: every typed command against a real server (`MERIDIAN_TEST_SERVER` names another than
// redis-server). `conformance_tests --write-docs PATH` writes the page of the commands instead.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <string_view>

#include "conformance/clients.hpp"
#include "conformance/commands_page.hpp"
#include "conformance/example_test.hpp"
#include "conformance/test_servers.hpp"

namespace {

using namespace meridian::conformance;

// Clients first, so that none reconnects to a server that is gone.
class Ending : public ::testing::Environment {
 public:
  void TearDown() override {
    close_clients();
    stop_test_servers();
  }
};

int write_page(const char* path) {
  std::ofstream file(path, std::ios::binary);
  file << commands_page();
  file.close();
  stop_test_servers();
  if (file) return 0;
  std::cerr << "cannot write " << path << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--write-docs") return write_page(argv[2]);
  ::testing::InitGoogleTest(&argc, argv);
  register_example_tests();
  ::testing::AddGlobalTestEnvironment(new Ending);
  return RUN_ALL_TESTS();
}
