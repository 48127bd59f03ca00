/// \file
/// How the command builders take several keys, fields, members or pairs at once.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
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
      : range_(std::addressof(range)), visit_range_([](const void* erased, void* context, Visit visit) {
          for (const std::string_view text : *static_cast<const Range*>(erased)) visit(context, text);
        }) {}

  StringArgs(const StringArgs&) = delete;
  StringArgs& operator=(const StringArgs&) = delete;

  /// Calls `each(std::string_view)` for all, in their order.
  template <class Each>
  void for_each(Each each) const {
    if (visit_range_ != nullptr) {
      visit_range_(range_, &each, [](void* context, std::string_view text) { (*static_cast<Each*>(context))(text); });
    } else if (one_) {
      each(*one_);
    } else {
      for (const std::string_view text : list_) each(text);
    }
  }

  [[nodiscard]] std::size_t size() const {
    std::size_t count = 0;
    for_each([&](std::string_view) { ++count; });
    return count;
  }

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    for_each([&](std::string_view text) { builder.arg(text); });
  }

 private:
  using Visit = void (*)(void* context, std::string_view text);
  std::optional<std::string_view> one_;
  std::initializer_list<std::string_view> list_;
  const void* range_ = nullptr;
  void (*visit_range_)(const void* range, void* context, Visit visit) = nullptr;
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
      : range_(std::addressof(range)), visit_range_([](const void* erased, void* context, Visit visit) {
          for (const auto& [name, value] : *static_cast<const Range*>(erased)) visit(context, {name, value});
        }) {}

  PairArgs(const PairArgs&) = delete;
  PairArgs& operator=(const PairArgs&) = delete;

  /// Calls `each(Pair)` for all, in their order.
  template <class Each>
  void for_each(Each each) const {
    if (visit_range_ != nullptr) {
      visit_range_(range_, &each, [](void* context, Pair pair) { (*static_cast<Each*>(context))(pair); });
    } else {
      for (const Pair& pair : list_) each(pair);
    }
  }

  [[nodiscard]] std::size_t size() const {
    std::size_t count = 0;
    for_each([&](const Pair&) { ++count; });
    return count;
  }

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    for_each([&](const Pair& pair) { builder.arg(pair.first).arg(pair.second); });
  }

 private:
  using Visit = void (*)(void* context, Pair pair);
  std::initializer_list<Pair> list_;
  const void* range_ = nullptr;
  void (*visit_range_)(const void* range, void* context, Visit visit) = nullptr;
};

namespace detail {

/// Arguments that are keys: `{"DEL", overwrite, Keys{keys}}`. Look only, as `StringArgs` does.
struct Key {
  std::string_view name;
  void append_to(RequestBuilder& builder) const { builder.key(name); }
};
struct Destination {
  std::string_view name;
  void append_to(RequestBuilder& builder) const { builder.destination(name); }
};
struct Keys {
  const StringArgs& names;
  void append_to(RequestBuilder& builder) const {
    names.for_each([&](std::string_view name) { builder.key(name); });
  }
};
/// Keys with their values, as MSET takes them.
struct KeyPairs {
  const PairArgs& pairs;
  void append_to(RequestBuilder& builder) const {
    pairs.for_each([&](const PairArgs::Pair& pair) { builder.key(pair.first).arg(pair.second); });
  }
};
/// The number of keys and then the keys, as EVAL and ZUNION take them.
struct CountedKeys {
  const StringArgs& names;
  void append_to(RequestBuilder& builder) const {
    builder.arg(names.size());
    Keys{names}.append_to(builder);
  }
};
/// The timeout of a blocking command in seconds; 0 is for ever, as it is for the server.
struct BlockingSeconds {
  Duration longest;
  void append_to(RequestBuilder& builder) const { builder.timeout_seconds(longest); }
};

/// The traits of the typed builders. A unit test holds them against the table of `traits_of`.
inline constexpr CommandTraits read_only{Repeat::read_only, false};
inline constexpr CommandTraits overwrite{Repeat::overwrite, false};
inline constexpr CommandTraits conditional{Repeat::conditional, false};
inline constexpr CommandTraits accumulate{Repeat::accumulate, false};
inline constexpr CommandTraits administrative{Repeat::administrative, false};
/// Those that wait at the server for an element and take it.
inline constexpr CommandTraits blocking_pop{Repeat::accumulate, false, true};

/// A result that is stored over one of its own sources moves on with every run (SDIFFSTORE d d s).
[[nodiscard]] inline CommandTraits stored(std::string_view destination, const StringArgs& sources) {
  bool is_own_source = false;
  sources.for_each([&](std::string_view source) { is_own_source = is_own_source || source == destination; });
  return is_own_source ? accumulate : overwrite;
}

}  // namespace detail

}  // namespace meridian
