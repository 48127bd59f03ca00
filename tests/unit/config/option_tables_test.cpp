// The table of all options has a line for each field, and the manual says what the table says.
#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "components/config/option.hpp"
#include "components/config/values.hpp"
#include "unit/config/options_page.hpp"

namespace meridian::config {
namespace {

// Stands for any field: what is asked is only whether a struct has room for so many.
struct AnyField {
  template <class Field>
  operator Field&() const noexcept;  // NOLINT(google-explicit-constructor)
};

template <class Struct, std::size_t... indices>
constexpr bool has_room_for(std::index_sequence<indices...>) {
  return requires { Struct{(static_cast<void>(indices), AnyField{})...}; };
}

template <class Struct, std::size_t most = 64>
constexpr std::size_t field_count() {
  if constexpr (has_room_for<Struct>(std::make_index_sequence<most>())) return most;
  else return field_count<Struct, most - 1>();
}

template <class Struct>
class OptionTable : public ::testing::Test {};

using Structs =
    ::testing::Types<MultiDbConfig, DatabaseConfig, ClientOptions, CircuitBreakerOptions, SustainedFailures,
                     RetryPolicy, Backoff, RetryBudget, CacheOptions, TlsOptions, Endpoint, Keepalive, ReplyLimits>;
TYPED_TEST_SUITE(OptionTable, Structs);

TYPED_TEST(OptionTable, has_a_line_for_each_field) {
  EXPECT_EQ(options_of<TypeParam>().size(), field_count<TypeParam>())
      << "give the new field a line in option_tables.cpp";
  std::set<std::string_view> names;
  for (const Option<TypeParam>& option : options_of<TypeParam>()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name << " is there twice";
    EXPECT_NE(option.meaning, "") << option.name;
  }
}

// Whatever is in the table is compared and copied: else a change in a file would be overlooked.
TYPED_TEST(OptionTable, compares_and_copies_equal_values) {
  const TypeParam by_default{};
  TypeParam copy{};
  for (const Option<TypeParam>& option : options_of<TypeParam>()) {
    option.copy(copy, by_default);
    EXPECT_TRUE(option.same(copy, by_default)) << option.name;
  }
}

TEST(OptionsPage, says_what_the_code_does) {
  std::ifstream file(path_of_page(), std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(page == options_page()) << "write it anew: unit_config --write-docs docs/options.md";
}

TEST(OptionsPage, shows_defaults_as_they_are_constructed) {
  const std::string page = options_page();
  for (const char* line : {"| `command_deadline` | `\"5s\"` | duration | > 0 |",
                           "| `reconnect` | `{base = \"50ms\", cap = \"5s\"}` | table |",
                           "| `health_checks` | `[\"ping\"]` |", "| `failback_ramp` | `[10, 25, 50]` |",
                           "| `cache` | `not set` | table |", "| `weight` | `1` | number | > 0, finite |"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace meridian::config
