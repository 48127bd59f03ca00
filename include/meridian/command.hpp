/// \file
/// A command is a value: its RESP bytes, encoded once, its traits, and how to turn the reply into a `T`.
/// The builders in `meridian/commands.hpp` make them (`cmd::get("k")`); `cmd::custom` makes any other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <meridian/delivery.hpp>
#include <meridian/export.hpp>
#include <meridian/reply.hpp>
#include <meridian/result.hpp>

namespace meridian {

/// What the library must know of a command to treat it right.
struct CommandTraits {
  Repeat repeat = Repeat::never;  ///< Read-only commands are `Repeat::read_only`; everything else counts as a write.
  bool may_run_partly = false;    ///< EVAL, FCALL, EXEC: an error reply does not prove that nothing ran.
  /// Blocks, or changes the state of the connection it runs on (BLPOP, SELECT, MULTI, SUBSCRIBE): must not run on a
  /// connection that others share.
  bool needs_own_connection = false;

  [[nodiscard]] constexpr bool is_read() const noexcept { return repeat == Repeat::read_only; }
  friend constexpr bool operator==(const CommandTraits&, const CommandTraits&) = default;
};

/// The encoded bytes of one command and its traits: what travels through the library.
struct Request {
  std::string bytes;  ///< A RESP array of bulk strings.
  std::string name;   ///< "GET"; for errors and events. Arguments never leave `bytes`.
  CommandTraits traits;
};

/// Builds a `Request` argument by argument. Numbers are written as decimal text, doubles so that they read back equal.
class MERIDIAN_EXPORT RequestBuilder {
 public:
  RequestBuilder(std::string_view name, CommandTraits traits);

  RequestBuilder& arg(std::string_view text);
  RequestBuilder& arg(double value);
  /// A character or truth value would be taken for its number: say which text is meant.
  template <class Ambiguous>
    requires(std::is_same_v<Ambiguous, bool> || std::is_same_v<Ambiguous, char>)
  RequestBuilder& arg(Ambiguous value) = delete;
  template <class Integer>
    requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool> && !std::is_same_v<Integer, char>)
  RequestBuilder& arg(Integer value) {
    if constexpr (std::is_signed_v<Integer>) return arg_signed(static_cast<std::int64_t>(value));
    else return arg_unsigned(static_cast<std::uint64_t>(value));
  }

  /// Every element of a range of anything `arg` takes.
  template <class Range>
  RequestBuilder& args(const Range& range) {
    for (const auto& element : range) arg(element);
    return *this;
  }

  /// The finished request. The builder is of no use afterwards.
  [[nodiscard]] Request build() &&;

 private:
  RequestBuilder& arg_signed(std::int64_t value);
  RequestBuilder& arg_unsigned(std::uint64_t value);

  // Most commands are short: they are put together here and allocated once, in their final size.
  std::array<char, 200> small_;
  std::size_t small_size_ = 0;
  std::string large_;  // everything, once it is larger than that
  std::size_t count_ = 0;
  std::string name_;
  CommandTraits traits_;
};

/// Turns a reply that is not an error into a `T`, or says why it cannot (`ErrorCode::unexpected_reply`).
template <class T>
using Decoder = Result<T> (*)(ReplyView reply);

/// A command whose reply is a `T`. A plain value: copy it, keep it, send it as often as you like, from any thread.
template <class T>
struct Command {
  Request request;
  Decoder<T> decode = nullptr;
};

}  // namespace meridian
