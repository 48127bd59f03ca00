// Collects the examples, and reads from sources what C++ cannot say of itself:
// the names of methods.
#include "conformance/all_examples.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

namespace meridian::conformance {
namespace {

const std::filesystem::path source_folder = MERIDIAN_SOURCE_FOLDER;

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void collect(const std::filesystem::path& header, const std::regex& pattern, const std::string& prefix,
             std::set<std::string>& names) {
  const std::string text = text_of_file(header);
  for (auto match = std::sregex_iterator(text.begin(), text.end(), pattern); match != std::sregex_iterator(); ++match) {
    names.insert(prefix + (*match)[1].str());
  }
}

// The commands of JSON are methods of json(client), which do not repeat what
// they belong to.
std::set<std::string> names_in_headers(const std::regex& pattern, const std::string& json_prefix) {
  const std::filesystem::path folder = source_folder / "include/meridian";
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "commands")) {
    if (entry.path().filename() != "custom.hpp") collect(entry.path(), pattern, "", names);
  }
  collect(folder / "json.hpp", pattern, json_prefix, names);
  return names;
}

}  // namespace

const Examples& all_examples() {
  static const Examples all = [] {
    Examples examples;
    add_string_examples(examples);
    add_bitmap_examples(examples);
    add_key_examples(examples);
    add_hash_examples(examples);
    add_list_examples(examples);
    add_set_examples(examples);
    add_sorted_set_examples(examples);
    add_hyperloglog_examples(examples);
    add_geo_examples(examples);
    add_stream_examples(examples);
    add_json_examples(examples);
    add_scripting_examples(examples);
    add_server_examples(examples);
    add_connection_examples(examples);
    add_acl_examples(examples);
    add_cluster_examples(examples);
    return examples;
  }();
  return all;
}

std::vector<std::string> words_of(std::string_view line) {
  constexpr std::string_view quote = "'";
  std::vector<std::string> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.empty()) return words;
    const bool is_quoted = line.starts_with(quote);
    if (is_quoted) line.remove_prefix(quote.size());
    const std::size_t end = line.find(is_quoted ? quote : " ");
    if (is_quoted && end == std::string_view::npos) throw std::logic_error("a quote in an example does not end");
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(line.size(), words.back().size() + (is_quoted ? quote.size() : 0)));
  }
}

std::string family_of(const Example& example) {
  const std::string stem = std::filesystem::path(example.file()).stem().string();
  return stem.substr(0, stem.rfind("_examples"));
}

std::string method_of(const Example& example) {
  const std::filesystem::path name = std::filesystem::path(example.file()).filename();
  std::ifstream file(source_folder / "tests/conformance" / name);
  static const std::regex call(R"(\b(c|json\(c\))\.(?:template )?(\w+))");
  std::string line;
  std::smatch match;
  for (unsigned number = 1; std::getline(file, line); ++number) {
    if (number >= example.line() && std::regex_search(line, match, call)) {
      return (match[1] == "c" ? "" : "json_") + match[2].str();
    }
  }
  throw std::logic_error("no call of a method behind " + name.string() + ":" + std::to_string(example.line()));
}

std::set<std::string> builders_in_headers() {
  return names_in_headers(std::regex(R"(\bCommand<[^;{}()]*>\s+(\w+)\()"), "");
}

std::set<std::string> methods_in_headers() { return names_in_headers(std::regex(R"(\n  auto (\w+)\()"), "json_"); }

}  // namespace meridian::conformance
