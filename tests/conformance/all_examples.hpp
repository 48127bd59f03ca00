// The examples of all families, and what their sources say besides.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/examples.hpp"

namespace meridian::conformance {

// Made once, in the order of the page.
[[nodiscard]] const Examples& all_examples();

// The words of a line in the notation of `About`.
[[nodiscard]] std::vector<std::string> words_of(std::string_view line);

// "lists" for an example in lists_examples.cpp.
[[nodiscard]] std::string family_of(const Example& example);

// "lpush": the method that the example calls, "json_set" for json(c).set, read from its source.
[[nodiscard]] std::string method_of(const Example& example);

// The names of all builders, and of all methods, in the headers of the commands.
[[nodiscard]] std::set<std::string> builders_in_headers();
[[nodiscard]] std::set<std::string> methods_in_headers();

}  // namespace meridian::conformance
