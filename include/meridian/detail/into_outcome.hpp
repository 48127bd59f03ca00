/// \file
/// An outcome in memory that the caller uses again. Not for programs.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <meridian/decode.hpp>

#include <meridian/detail/copy.hpp>
#include <meridian/detail/outcome.hpp>

namespace meridian::detail {

/// The values that a string can hold; of an optional it is told whether there was one.
template <class T>
concept TextValue = std::is_same_v<T, std::string> || std::is_same_v<T, std::optional<std::string>>;

/// Puts the text of one call into a string of the caller's.
template <TextValue T>
class IntoOutcome final : public Outcome {
 public:
  IntoOutcome(Decoder<T> decode, std::string& target) noexcept
      : decode_(decode), reads_any_text_(decode == &meridian::decode<T>), target_(target) {}

  void on_reply(const ReplyView& reply) noexcept override {
    try {
      if (reads_any_text_ && reply.type() == ReplyType::bulk_string) assign(*reply.as_string());
      else result_ = decode_into(reply);
    } catch (...) {  // as in TypedOutcome
      thrown_ = std::current_exception();
    }
  }
  void on_error(Error error) noexcept override { result_ = Unexpected(std::move(error)); }

  /// Throws only what the decoder threw. REQUIRES: over; once.
  [[nodiscard]] Result<bool> take() {
    if (thrown_) std::rethrow_exception(thrown_);
    return std::move(result_);
  }

 private:
  Result<bool> decode_into(const ReplyView& reply) {
    Result<T> decoded = decode_(reply);
    if (!decoded) return Unexpected(std::move(decoded.error()));
    if constexpr (std::is_same_v<T, std::string>) {
      assign(*decoded);
    } else {
      if (!*decoded) return false;
      assign(**decoded);
    }
    return true;
  }

  // Values that are read one after the other are often of the same size.
  void assign(std::string_view text) {
    if (text.size() == target_.size()) copy_short(target_.data(), text.data(), text.size());
    else target_.assign(text);
  }

  Decoder<T> decode_;
  const bool reads_any_text_;
  std::string& target_;
  Result<bool> result_ = true;
  std::exception_ptr thrown_;
};

/// Runs a command, waits, and gives whether there is a value.
template <TextValue T>
[[nodiscard]] Result<bool> execute_into(Engine& engine, const Command<T>& command, std::string& target,
                                        const CallOptions* options = nullptr) {
  IntoOutcome<T> outcome(command.decode, target);
  await_outcome(engine, command.request, outcome, options);
  return outcome.take();
}

}  // namespace meridian::detail
