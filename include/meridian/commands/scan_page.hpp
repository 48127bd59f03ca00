/// \file
/// One page of SCAN, HSCAN, SSCAN and ZSCAN: what one call answers, and how to ask for it. To go through all of them:
/// \code
/// meridian::ScanPage<std::string> page;
/// do {
///   page = client.scan(page.cursor, {.match = "user:*", .count = 1000});
///   for (const std::string& key : page.items) std::cout << key << '\n';
/// } while (page.cursor != 0);
/// \endcode
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meridian/command.hpp>

namespace meridian {

/// A part of what is scanned. Something may come in several pages, and what is added or removed meanwhile may come or
/// not. A page may be empty although others follow.
template <class T>
struct ScanPage {
  std::uint64_t cursor = 0;  ///< Where the next page begins; 0: this was the last one. Only this database knows it.
  std::vector<T> items{};
  friend bool operator==(const ScanPage&, const ScanPage&) = default;
};

/// Which part of it, and how much at once. Looks only.
struct ScanOptions {
  std::optional<std::string_view> match{};  ///< Only names that match this pattern, such as "user:*".
  std::optional<std::int64_t> count{};      ///< About how many the server looks at for one page, > 0; it takes 10.
  std::optional<std::string_view> type{};   ///< Only keys of this type, such as "hash". For SCAN alone.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (match) builder.arg("MATCH").arg(*match);
    if (count) builder.arg("COUNT").arg(*count);
    if (type) builder.arg("TYPE").arg(*type);
  }
};

namespace detail {

/// A cursor and an array of names.
[[nodiscard]] MERIDIAN_EXPORT Result<ScanPage<std::string>> decode_scan_page(ReplyView reply);
/// A cursor and a flat array of names and values.
[[nodiscard]] MERIDIAN_EXPORT Result<ScanPage<std::pair<std::string, std::string>>> decode_scan_page_of_pairs(
    ReplyView reply);

}  // namespace detail

}  // namespace meridian
