// From TOML to the tree.
#include "components/config/document.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include <toml++/toml.h>

namespace meridian::config {
namespace {

// Whatever has one of these in its name may hold a secret, also if it is no key that we know.
constexpr std::array<std::string_view, 7> secret_words = {"pass", "pem", "uri", "secret", "token", "credential", "key"};

bool may_hold_a_secret(std::string_view text) {
  return std::any_of(secret_words.begin(), secret_words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

std::string shown_scalar(std::string_view path, const toml::node& node) {
  if (may_hold_a_secret(path)) return {};
  std::ostringstream text;
  // As JSON: that escapes whatever a terminal must not be given.
  node.visit([&](const auto& concrete) {
    if constexpr (toml::is_value<decltype(concrete)>) text << toml::json_formatter{concrete};
  });
  constexpr std::size_t longest = 80;
  std::string shown = text.str();
  // Behind quotes that do not end there may be other keys, with their values.
  if (may_hold_a_secret(shown)) return {};
  if (shown.size() <= longest) return shown;
  std::size_t end = longest;
  while ((static_cast<unsigned char>(shown[end]) & 0xc0) == 0x80) --end;  // no character in two
  return shown.substr(0, end) + "…";
}

// A key may be any text between quotes.
std::string fit_for_messages(std::string_view key) {
  std::string text(key);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return text;
}

Node node_of(std::string path, std::string_view key, const toml::node& source);

Table table_of(const std::string& path, const toml::table& source) {
  Table table;
  for (const auto& [key, value] : source) {
    std::string child = (path.empty() ? path : path + ".") + fit_for_messages(key.str());
    Node& node = table.entries.emplace_back(node_of(std::move(child), key.str(), value));
    node.line = key.source().begin.line;
  }
  return table;
}

List list_of(const std::string& path, std::string_view key, const toml::array& source) {
  List list;
  for (std::size_t i = 0; i < source.size(); ++i) {
    list.elements.push_back(node_of(path + "[" + std::to_string(i) + "]", key, source[i]));
  }
  return list;
}

Node node_of(std::string path, std::string_view key, const toml::node& source) {
  Node node;
  node.key = key;
  node.line = source.source().begin.line;
  if (const auto* table = source.as_table()) {
    node.shown = "a table";
    node.value = table_of(path, *table);
  } else if (const auto* list = source.as_array()) {
    node.shown = "a list";
    node.value = list_of(path, key, *list);
  } else {
    node.shown = shown_scalar(path, source);
    if (const auto* flag = source.as_boolean()) node.value = flag->get();
    if (const auto* integer = source.as_integer()) node.value = integer->get();
    if (const auto* number = source.as_floating_point()) node.value = number->get();
    if (const auto* text = source.as_string()) node.value = text->get();
  }
  node.path = std::move(path);
  return node;
}

std::string_view line_of(std::string_view text, std::size_t line) {
  for (std::size_t i = 1; i < line; ++i) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

Result<Node> parse_document(std::string_view text, std::string_view name) {
  try {
    const toml::table document = toml::parse(text);
    Node root;
    root.value = table_of("", document);
    return root;
  } catch (const toml::parse_error& error) {
    const std::size_t line = error.source().begin.line;
    // The parser quotes what it did not understand. One line up as well: what is broken may have begun there.
    const bool is_secret = may_hold_a_secret(line_of(text, line)) || may_hold_a_secret(line_of(text, line - 1));
    const std::string what =
        is_secret ? "not shown, because the line may hold a secret" : std::string(error.description());
    return fail(ErrorCode::invalid_argument, Delivery::not_sent,
                place(name, line) + "not valid TOML (texts stand between quotes, durations, too: \"5s\"): " + what);
  }
}

std::string place(std::string_view name, std::size_t line) {
  std::string text(name);
  if (line > 0) text += ":" + std::to_string(line);
  return text + ": ";
}

}  // namespace meridian::config
