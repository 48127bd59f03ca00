// A configuration file as a tree, with the place of everything: what the reader works on. Only document.cpp knows TOML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <meridian/result.hpp>

namespace meridian::config {

struct Node;

struct List {
  std::vector<Node> elements;
};

struct Table {
  std::vector<Node> entries;
};

// Dates and times, which no option has.
struct Other {};

struct Node {
  std::string path{};  // "database[1].tls.ca_file"; empty: the whole file
  std::string key{};   // its last part, without an index
  std::size_t line = 0;
  std::string shown{};  // the value as a message shows it: escaped, cut; empty for keys that may hold a secret
  std::variant<Other, bool, std::int64_t, double, std::string, List, Table> value{};
};

// Error: `invalid_argument` with `name` and line. It quotes nothing of a line that may hold a secret.
[[nodiscard]] Result<Node> parse_document(std::string_view text, std::string_view name);

// "meridian.toml:12: ", or without a line if it is 0.
[[nodiscard]] std::string place(std::string_view name, std::size_t line);

}  // namespace meridian::config
