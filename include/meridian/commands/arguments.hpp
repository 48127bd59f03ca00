/// \file
/// How the command builders take several keys, fields, members or pairs at once.
#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <meridian/command.hpp>

namespace meridian {

namespace detail {

template <class T>
concept Text = std::is_convertible_v<const T&, std::string_view>;

template <class T>
concept Number = std::is_arithmetic_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char>;

template <class Range>
concept RangeOfTexts = !Text<Range> && requires(const Range& range) {
  { *range.begin() } -> std::convertible_to<std::string_view>;
  // What a range makes on the fly would be gone before it is read.
  requires std::is_reference_v<decltype(*range.begin())> || std::same_as<decltype(*range.begin()), std::string_view>;
};

template <class Range>
concept RangeOfPairs = requires(const Range& range) {
  { range.begin()->first } -> std::convertible_to<std::string_view>;
  { range.begin()->second } -> std::convertible_to<std::string_view>;
};

}  // namespace detail

/// One text, a braced list of texts, or any range of texts: `del("a")`, `del({"a", "b"})`, `del(keys)`. A parameter
/// type: it only looks at what it was made from, and cannot be kept.
class StringArgs {
 public:
  /// One.
  template <detail::Text T>
  StringArgs(const T& text) : one_(text) {}  // NOLINT(google-explicit-constructor): takes what it stands for

  /// A braced list.
  StringArgs(std::initializer_list<std::string_view> list) : list_(list) {}

  /// A range: `std::vector<std::string>`, `std::set<std::string_view>` …
  template <detail::RangeOfTexts Range>
  StringArgs(const Range& range)  // NOLINT(google-explicit-constructor)
      : range_(std::addressof(range)), append_range_([](const void* erased, RequestBuilder& builder) {
          for (const std::string_view text : *static_cast<const Range*>(erased)) builder.arg(text);
        }) {}

  StringArgs(const StringArgs&) = delete;
  StringArgs& operator=(const StringArgs&) = delete;

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (append_range_) append_range_(range_, builder);
    else if (one_) builder.arg(*one_);
    else builder.args(list_);
  }

 private:
  std::optional<std::string_view> one_;
  std::initializer_list<std::string_view> list_;
  const void* range_ = nullptr;
  void (*append_range_)(const void* range, RequestBuilder& builder) = nullptr;
};

/// Pairs of texts: `{{"field", "value"}, …}`, or any range of pairs, such as `std::map<std::string, std::string>`. A
/// parameter type: it only looks at what it was made from, and cannot be kept.
class PairArgs {
 public:
  using Pair = std::pair<std::string_view, std::string_view>;

  /// A braced list.
  PairArgs(std::initializer_list<Pair> list) : list_(list) {}

  /// A range.
  template <detail::RangeOfPairs Range>
  PairArgs(const Range& range)  // NOLINT(google-explicit-constructor): a parameter type takes what it stands for
      : range_(std::addressof(range)), append_range_([](const void* erased, RequestBuilder& builder) {
          for (const auto& [name, value] : *static_cast<const Range*>(erased)) {
            builder.arg(std::string_view(name)).arg(std::string_view(value));
          }
        }) {}

  PairArgs(const PairArgs&) = delete;
  PairArgs& operator=(const PairArgs&) = delete;

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (append_range_) append_range_(range_, builder);
    for (const auto& [name, value] : list_) builder.arg(name).arg(value);
  }

 private:
  std::initializer_list<Pair> list_;
  const void* range_ = nullptr;
  void (*append_range_)(const void* range, RequestBuilder& builder) = nullptr;
};

namespace detail {

/// The traits of the typed builders. A unit test holds them against the table of `traits_of`.
inline constexpr CommandTraits read_only{Repeat::read_only, false};
inline constexpr CommandTraits overwrite{Repeat::overwrite, false};
inline constexpr CommandTraits conditional{Repeat::conditional, false};
inline constexpr CommandTraits accumulate{Repeat::accumulate, false};
inline constexpr CommandTraits administrative{Repeat::administrative, false};

template <class Argument>
void append(RequestBuilder& builder, const Argument& argument) {
  if constexpr (requires { argument.append_to(builder); }) argument.append_to(builder);
  else builder.arg(argument);
}

/// The request of one command: `request("HDEL", overwrite, key, fields)`.
template <class... Arguments>
[[nodiscard]] Request request(std::string_view name, CommandTraits traits, const Arguments&... arguments) {
  RequestBuilder builder(name, traits);
  (append(builder, arguments), ...);
  return std::move(builder).build();
}

}  // namespace detail

}  // namespace meridian
