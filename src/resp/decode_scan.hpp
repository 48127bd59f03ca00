// One page of SCAN and its kin, for the decoders of all families that can be scanned.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <meridian/commands/scan_page.hpp>

#include "resp/decode_support.hpp"

namespace meridian::detail {

// A cursor: a string that holds one number of 64 bits without a sign.
[[nodiscard]] inline std::optional<std::uint64_t> cursor_of(ReplyView reply) {
  const std::optional<std::string_view> text = reply.as_string();
  if (!text) return std::nullopt;
  std::uint64_t cursor = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), cursor);
  const bool is_whole = error == std::errc() && end == text->data() + text->size();
  return is_whole ? std::optional(cursor) : std::nullopt;
}

// A cursor, and an array that `decode_items` takes.
template <class T>
[[nodiscard]] Result<ScanPage<T>> scan_page_of(ReplyView reply, Decoder<std::vector<T>> decode_items) {
  constexpr std::string_view promised = "a cursor and an array";
  if (reply.type() != ReplyType::array || reply.size() != 2) return mismatch(reply, promised);
  auto element = reply.begin();
  const std::optional<std::uint64_t> cursor = cursor_of(*element);
  if (!cursor) return mismatch_inside(reply, *element, promised);
  Result<std::vector<T>> items = decode_items(*++element);
  if (!items) return Unexpected(std::move(items.error()));
  return ScanPage<T>{*cursor, std::move(*items)};
}

}  // namespace meridian::detail
