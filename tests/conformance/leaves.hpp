// Replies and values without their shape: what a server said in raw form and what the library made of it, comparable.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <meridian/commands/scan_page.hpp>
#include <meridian/decode.hpp>

namespace meridian::conformance {

// The leaves of a reply from left to right. Numbers are the same however the server writes them (7, "7", 7.0), and
// RESP3's booleans are RESP2's 0 and 1.
class Leaves {
 public:
  void add(std::string_view text);
  template <std::integral Integer>
    requires(!std::is_same_v<Integer, bool>)
  void add(Integer value) { add(std::string_view(std::to_string(value))); }
  void add(double value);
  // The server says OK and null to this, too.
  void add(bool value) { leaves_.push_back({value ? Kind::yes : Kind::no, value ? "1" : "0"}); }
  void add_null() { leaves_.push_back({Kind::null, "nil"}); }

  // What a hash table holds: the order is nobody's.
  void any_order() noexcept { any_order_ = true; }

  // True if `said` is the same; `this` is what the library made of it.
  [[nodiscard]] bool match(const Leaves& said) const;
  // "a 1 nil"
  [[nodiscard]] std::string text() const;

 private:
  enum class Kind { text, yes, no, null };
  struct Leaf {
    Kind kind;
    std::string text;
  };
  [[nodiscard]] std::vector<std::string> sorted() const;

  std::vector<Leaf> leaves_;
  bool any_order_ = false;
};

// The leaves of `reply`, one RESP2 or RESP3 value as it came. Read without any code of the library.
[[nodiscard]] Leaves leaves_of_raw(std::string_view reply);

inline void flatten(const std::string& value, Leaves& leaves) { leaves.add(std::string_view(value)); }
inline void flatten(std::int64_t value, Leaves& leaves) { leaves.add(value); }
inline void flatten(double value, Leaves& leaves) { leaves.add(value); }
inline void flatten(bool value, Leaves& leaves) { leaves.add(value); }
void flatten(const TimeToLive& value, Leaves& leaves);
void flatten(const ServerTime& value, Leaves& leaves);
void flatten(const Reply& value, Leaves& leaves);

// Declared before any is defined, so that they can hold one another.
template <class T>
void flatten(const std::optional<T>& value, Leaves& leaves);
template <class T>
void flatten(const std::vector<T>& values, Leaves& leaves);
template <class First, class Second>
void flatten(const std::pair<First, Second>& pair, Leaves& leaves);
template <class T>
void flatten(const std::unordered_set<T>& values, Leaves& leaves);
template <class Key, class T>
void flatten(const std::unordered_map<Key, T>& values, Leaves& leaves);
template <class... T>
void flatten(const std::variant<T...>& value, Leaves& leaves);
template <class T>
void flatten(const ScanPage<T>& page, Leaves& leaves);

template <class T>
void flatten(const std::optional<T>& value, Leaves& leaves) {
  if (value) flatten(*value, leaves);
  else leaves.add_null();
}

template <class T>
void flatten(const std::vector<T>& values, Leaves& leaves) {
  for (const T& value : values) flatten(value, leaves);
}

template <class First, class Second>
void flatten(const std::pair<First, Second>& pair, Leaves& leaves) {
  flatten(pair.first, leaves);
  flatten(pair.second, leaves);
}

template <class T>
void flatten(const std::unordered_set<T>& values, Leaves& leaves) {
  leaves.any_order();
  for (const T& value : values) flatten(value, leaves);
}

template <class Key, class T>
void flatten(const std::unordered_map<Key, T>& values, Leaves& leaves) {
  leaves.any_order();
  for (const auto& [key, value] : values) {
    flatten(key, leaves);
    flatten(value, leaves);
  }
}

template <class... T>
void flatten(const std::variant<T...>& value, Leaves& leaves) {
  std::visit([&](const auto& held) { flatten(held, leaves); }, value);
}

template <class T>
void flatten(const ScanPage<T>& page, Leaves& leaves) {
  leaves.add(page.cursor);
  flatten(page.items, leaves);
}

}  // namespace meridian::conformance
