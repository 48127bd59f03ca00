// That nothing is left out: every builder has a method and an example, every command of the server has a typed form or
// a reason, and the page says what the code does.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "conformance/all_examples.hpp"
#include "conformance/commands_page.hpp"
#include "conformance/test_servers.hpp"
#include "conformance/untyped_commands.hpp"

namespace meridian::conformance {
namespace {

std::string page_in_tree() {
  std::ifstream file(path_of_page(), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The page names the server that it was written with. Another one has other commands.
bool is_the_server_of_the_page() { return page_in_tree().find(test_servers().product() + ",") != std::string::npos; }

TEST(Completeness, every_builder_has_a_method) {
  EXPECT_GT(builders_in_headers().size(), 100U);
  EXPECT_EQ(builders_in_headers(), methods_in_headers());
}

TEST(Completeness, every_builder_has_an_example) {
  std::set<std::string> shown;
  for (const auto& example : all_examples().all()) shown.insert(method_of(*example));
  std::vector<std::string> missing;
  for (const std::string& name : builders_in_headers()) {
    if (!shown.contains(name)) missing.push_back(name);
  }
  EXPECT_EQ(missing, std::vector<std::string>());
}

TEST(Completeness, no_typed_command_has_a_reason_not_to_be_typed) {
  for (const auto& example : all_examples().all()) {
    EXPECT_EQ(why_untyped(example->request().name()), "") << example->request().name();
  }
}

TEST(Completeness, every_command_of_the_server_has_a_typed_form_or_a_reason) {
  const std::vector<std::string> unexplained = unexplained_commands();
  if (is_the_server_of_the_page()) {
    EXPECT_EQ(unexplained, std::vector<std::string>());
  } else {
    // A newer server may bring some; not so many that we asked it wrong.
    EXPECT_LT(unexplained.size(), test_servers().commands().size() / 4);
    for (const std::string& command : unexplained) std::cout << "neither typed nor explained: " << command << '\n';
  }
}

TEST(Completeness, the_page_of_the_commands_says_what_the_code_does) {
  const std::string page = page_in_tree();
  if (is_the_server_of_the_page()) {
    EXPECT_TRUE(page == commands_page()) << "write it anew: conformance_tests --write-docs docs/commands.md";
  } else {
    std::set<std::string> missing;
    for (const auto& example : all_examples().all()) {
      const std::string name = example->request().name();
      if (page.find("| [" + name + "]") == std::string::npos) missing.insert(name);
    }
    EXPECT_EQ(missing, std::set<std::string>());
  }
}

}  // namespace
}  // namespace meridian::conformance
