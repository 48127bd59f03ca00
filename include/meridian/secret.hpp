/// \file
/// A password that cannot be printed by accident and does not stay in memory.
#pragma once

#include <string>
#include <string_view>

#include <meridian/export.hpp>

namespace meridian {

/// Holds a secret; has no stream operator, no formatter and no conversion to string. The bytes are overwritten when
/// it is destroyed or assigned to (faults.md, section 5). Not thread-safe to modify; safe to read concurrently.
class MERIDIAN_EXPORT Secret {
 public:
  Secret() noexcept = default;
  Secret(std::string_view text) : text_(text) {}    // NOLINT(google-explicit-constructor): a password field takes text
  Secret(const char* text) : text_(text) {}         // NOLINT(google-explicit-constructor)
  Secret(const std::string& text) : text_(text) {}  // NOLINT(google-explicit-constructor)
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  /// The secret itself. The name is long so that every use can be found.
  [[nodiscard]] std::string_view reveal_secret() const noexcept { return text_; }

 private:
  void wipe() noexcept;
  std::string text_;
};

}  // namespace meridian
