// What the decoders of all families share: saying what came instead, and taking lists and maps apart in RESP2 and RESP3
// alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meridian/command.hpp>
#include <meridian/decode.hpp>

namespace meridian::detail {

// The error of a reply that is not what was promised ("an array of strings"). The message shows types and sizes, never
// values: they are the program's data.
[[nodiscard]] Unexpected mismatch(ReplyView came, std::string_view promised);
[[nodiscard]] Unexpected mismatch_inside(ReplyView container, ReplyView element, std::string_view promised);

// A simple, bulk or verbatim string.
[[nodiscard]] std::optional<std::string> text_of(ReplyView reply);
// An integer, or a string that holds exactly one.
[[nodiscard]] std::optional<std::int64_t> integer_of(ReplyView reply);
// A double or integer, or a string that holds exactly one.
[[nodiscard]] std::optional<double> double_of(ReplyView reply);

// An array, or the set that RESP3 may send instead.
[[nodiscard]] bool is_list(ReplyView reply) noexcept;
[[nodiscard]] inline bool is_array_of(ReplyView reply, std::size_t size) noexcept {
  return reply.type() == ReplyType::array && reply.size() == size;
}
// A map, or the flat array of names and values that RESP2 sends instead.
[[nodiscard]] bool is_map(ReplyView reply) noexcept;

// What `decode` gives, with null as nullopt.
template <class T>
[[nodiscard]] Result<std::optional<T>> optional_of(ReplyView reply, Decoder<T> decode) {
  if (reply.is_null()) return std::optional<T>();
  Result<T> value = decode(reply);
  if (!value) return Unexpected(std::move(value.error()));
  return std::optional<T>(std::move(*value));
}

// An array or set of what `decode` makes of each element.
template <class T>
[[nodiscard]] Result<std::vector<T>> list_of(ReplyView reply, Decoder<T> decode, std::string_view promised) {
  if (!is_list(reply)) return mismatch(reply, promised);
  std::vector<T> values;
  values.reserve(reply.size());
  for (const ReplyView element : reply) {
    Result<T> value = decode(element);
    if (!value) return mismatch_inside(reply, element, promised);
    values.push_back(std::move(*value));
  }
  return values;
}

// The same; null, which stands for a missing key, is an empty list.
template <class T>
[[nodiscard]] Result<std::vector<T>> list_or_null_of(ReplyView reply, Decoder<T> decode, std::string_view promised) {
  if (reply.is_null()) return std::vector<T>();
  return list_of<T>(reply, decode, promised);
}

// The elements of a list of at least `least`; newer servers may add some. Empty if it is none.
[[nodiscard]] std::vector<ReplyView> elements_of(ReplyView reply, std::size_t least);

// What stands before `separator` in `text`, which is left with what stands behind it: nothing once it is used up.
[[nodiscard]] inline std::string_view take_until(std::string_view& text, char separator) noexcept {
  const std::string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(taken.size() < text.size() ? taken.size() + 1 : taken.size());
  return taken;
}

// Calls `each(line)` for the lines of a text that are not empty, without their ends.
template <class Each>
void for_each_line(std::string_view text, Each each) {
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) each(line);
  }
}

// A number, if the whole text is one.
[[nodiscard]] std::optional<std::int64_t> integer_in(std::string_view text) noexcept;

// The named values of a map, or of the flat array that RESP2 sends instead (XINFO STREAM, CLIENT TRACKINGINFO …). Looks
// into the reply. Names that nobody asks for are ignored: newer servers add some.
class Fields {
 public:
  // Nothing if the reply is no map of names.
  [[nodiscard]] static std::optional<Fields> of(ReplyView reply);

  // The value called `name`; nothing if there is none.
  [[nodiscard]] std::optional<ReplyView> find(std::string_view name) const noexcept;

  // The value called `name` as one; nothing if there is none or it is something else.
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
  [[nodiscard]] std::optional<double> real(std::string_view name) const;

  [[nodiscard]] auto begin() const noexcept { return fields_.begin(); }
  [[nodiscard]] auto end() const noexcept { return fields_.end(); }

 private:
  std::vector<std::pair<std::string_view, ReplyView>> fields_;
};

}  // namespace meridian::detail
