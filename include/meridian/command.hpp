/// \file
/// A command is a value: its RESP bytes, encoded once, its traits, and how to turn the reply into a `T`.
/// The builders in `meridian/commands.hpp` make them (`cmd::get("k")`); `cmd::custom` makes any other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <meridian/delivery.hpp>
#include <meridian/detail/copy.hpp>
#include <meridian/export.hpp>
#include <meridian/reply.hpp>
#include <meridian/result.hpp>
#include <meridian/time.hpp>

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

/// Where the keys of a command stand among its words; the first word of its name is number 0. What Cluster routes by
/// and client-side caching invalidates by. https://redis.io/docs/latest/develop/reference/key-specs/
struct KeyPositions {
  std::uint32_t first = 0;        ///< The first key; 0 if there is none.
  std::uint32_t count = 0;        ///< How many keys there are from there on,
  std::uint32_t step = 1;         ///< each so many words behind the one before.
  std::uint32_t destination = 0;  ///< One more key, apart from those: where the result is stored. 0: none.

  friend constexpr bool operator==(const KeyPositions&, const KeyPositions&) = default;
};

/// The encoded bytes of one command. Short ones, as most are, need no memory of their own.
class MERIDIAN_EXPORT RequestBytes {
 public:
  // The bytes inside stay as they are: zeroing them costs more than most of what is written to them.
  RequestBytes() noexcept {}  // NOLINT(modernize-use-equals-default, cppcoreguidelines-pro-type-member-init)
  RequestBytes(const RequestBytes& other);
  RequestBytes(RequestBytes&& other) noexcept  // NOLINT(cppcoreguidelines-pro-type-member-init)
      : large_(std::move(other.large_)),
        capacity_(std::exchange(other.capacity_, inline_bytes)),
        size_(std::exchange(other.size_, 0)) {
    std::memcpy(small_.data(), other.small_.data(), inline_bytes);
  }
  RequestBytes& operator=(RequestBytes other) noexcept {
    large_ = std::move(other.large_);
    capacity_ = other.capacity_;
    size_ = other.size_;
    std::memcpy(small_.data(), other.small_.data(), inline_bytes);
    return *this;
  }
  ~RequestBytes() = default;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  operator std::string_view() const noexcept {  // NOLINT(google-explicit-constructor): it is one
    return {large_ ? large_.get() : small_.data(), size_};
  }
  friend bool operator==(const RequestBytes& one, std::string_view other) noexcept {
    return std::string_view(one) == other;
  }
  friend bool operator==(const RequestBytes& one, const RequestBytes& other) noexcept {
    return std::string_view(one) == std::string_view(other);
  }

 private:
  friend class RequestBuilder;
  static constexpr std::size_t inline_bytes = 96;

  [[nodiscard]] char* data() noexcept { return large_ ? large_.get() : small_.data(); }

  // What is short enough to be written without a look at the room in between.
  static constexpr std::size_t longest_short = 64;

  // An array of so far one word. Where the compiler knows the word, these are a few stores of constants.
  // REQUIRES: empty; the word is short.
  void begin(std::string_view word) noexcept {
    static_assert(longest_short + 11 <= inline_bytes);
    std::memcpy(small_.data(), "*0\r\n", 4);
    char* const to = put_head(small_.data() + 4, word.size());
    std::memcpy(to, word.data(), word.size());
    std::memcpy(to + word.size(), "\r\n", 2);
    size_ = static_cast<std::size_t>(to + word.size() + 2 - small_.data());
  }

  // One more. REQUIRES: the word is short and has room.
  [[nodiscard]] bool has_room_for_word(std::size_t size) const noexcept { return has_room(size + 7); }
  void add_word(std::string_view word) noexcept {
    char* const begin = data() + size_;
    char* const to = put_head(begin, word.size());
    detail::copy_small(to, word.data(), word.size());
    std::memcpy(to + word.size(), "\r\n", 2);
    size_ += static_cast<std::size_t>(to + word.size() + 2 - begin);
  }

  // "$5\r\n" or "$12\r\n". Returns its end.
  [[nodiscard]] static char* put_head(char* to, std::size_t size) noexcept {
    const char ones = static_cast<char>('0' + size % 10);
    if (size < 10) {
      const char head[] = {'$', ones, '\r', '\n'};
      std::memcpy(to, head, 4);
      return to + 4;
    }
    const char head[] = {'$', static_cast<char>('0' + size / 10), ones, '\r'};
    std::memcpy(to, head, 4);
    to[4] = '\n';
    return to + 5;
  }

  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept { return bytes <= capacity_ - size_; }

  // Room for `bytes` more at the end; they count at once.
  [[nodiscard]] char* extend(std::size_t bytes) {
    if (!has_room(bytes)) enlarge(bytes);
    return data() + std::exchange(size_, size_ + bytes);
  }
  void enlarge(std::size_t bytes);

  std::unique_ptr<char[]> large_;
  std::size_t capacity_ = inline_bytes;
  std::size_t size_ = 0;
  std::array<char, inline_bytes> small_;
};

/// What the library must know of one command besides its bytes.
struct RequestFacts {
  CommandTraits traits{};
  std::uint8_t name_words = 1;  ///< How many words its name has: 2 for "XINFO STREAM".
  enum class TimeoutUnit : std::uint8_t { seconds, milliseconds } timeout_unit = TimeoutUnit::seconds;
  /// How many replies the server sends to `bytes`: more than 1 for MULTI … EXEC, which go out as one.
  std::uint32_t replies = 1;
  KeyPositions keys{};
  /// The word that holds the timeout of a blocking command, in `timeout_unit`: repeated later, it is given what is
  /// left. 0: no such word.
  std::uint32_t timeout_word = 0;
  /// How long the server may let a blocking command wait (BLPOP, XREAD … BLOCK): its own timeout. `Duration::max()`:
  /// for ever. 0: it does not block.
  Duration blocks_for{0};
  /// For EVALSHA: the script itself, which is sent instead when the server does not know it (SCRIPT-1). Null: none.
  const std::string* script = nullptr;
};

/// A command on its way: looks at bytes that somebody else keeps.
struct RequestView : RequestFacts {
  RequestView() noexcept = default;
  // As an aggregate g++ 12 would clear it first.
  RequestView(const RequestFacts& facts, std::string_view what) noexcept : RequestFacts(facts), bytes(what) {}

  std::string_view bytes{};

  /// "GET"; for errors and events. Arguments never leave `bytes`.
  [[nodiscard]] MERIDIAN_EXPORT std::string name() const;
};

/// The encoded bytes of one command, a RESP array of bulk strings, and what must be known of it.
struct Request : RequestFacts {
  Request() noexcept {}  // NOLINT(modernize-use-equals-default): g++ 12 would clear all of it first

  /// As the builders make it: `{"HDEL", traits, key, fields}`. An argument is what `RequestBuilder::arg` takes, or says
  /// itself how it is appended. Throws what that throws. Inlined, so that the compiler knows the name.
  template <class... Arguments>
  [[gnu::always_inline]] Request(std::string_view words, CommandTraits known, const Arguments&... arguments);

  RequestBytes bytes{};
  std::shared_ptr<const std::string> script_owner{};  ///< Keeps `script`.

  [[nodiscard]] RequestView view() const noexcept { return {static_cast<const RequestFacts&>(*this), bytes}; }
  /// "GET"; for errors and events. Arguments never leave `bytes`.
  [[nodiscard]] std::string name() const { return view().name(); }
};

/// The words of the keys of `request`: the destination first, if it has one, then the others in their order. They point
/// into `request.bytes`.
[[nodiscard]] MERIDIAN_EXPORT std::vector<std::string_view> keys_of(const RequestView& request);

/// Builds a `Request` argument by argument. Numbers are written as decimal text, doubles so that they read back equal.
class MERIDIAN_EXPORT RequestBuilder {
 public:
  RequestBuilder(std::string_view name, CommandTraits traits) : request_(&own_.emplace()) { begin(name, traits); }

  /// Builds it in its final place: `target` is empty before, and complete after `finish`.
  RequestBuilder(Request& target, std::string_view name, CommandTraits traits) : request_(&target) {
    begin(name, traits);
  }

  RequestBuilder(const RequestBuilder&) = delete;
  RequestBuilder& operator=(const RequestBuilder&) = delete;

  RequestBuilder& arg(std::string_view text);
  RequestBuilder& arg(double value);

  /// An argument that is a key. REQUIRES: all keys of a command stand at equal distances.
  [[gnu::always_inline]] RequestBuilder& key(std::string_view name) {
    note_key();
    // Nearly every command has one, mostly right behind its name: then the compiler knows where it goes.
    RequestBytes& bytes = request_->bytes;
    if (name.size() > RequestBytes::longest_short || !bytes.has_room_for_word(name.size())) return arg(name);
    ++count_;
    bytes.add_word(name);
    return *this;
  }
  /// An argument that is the key where the result is stored, while others are read.
  RequestBuilder& destination(std::string_view name) {
    request_->keys.destination = count_;
    return arg(name);
  }
  /// The timeout of a blocking command as an argument in seconds or milliseconds, rounded up; 0 is for ever.
  /// Throws `Error` (`invalid_argument`) for less than 0.
  RequestBuilder& timeout_seconds(Duration longest);
  RequestBuilder& timeout_milliseconds(Duration longest);
  /// The command may wait at the server for so long; `Duration::max()`: for ever.
  RequestBuilder& blocks_for(Duration longest) noexcept {
    request_->blocks_for = longest;
    return *this;
  }
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

  /// The finished request. The builder is of no use afterwards. REQUIRES: made without a target.
  [[nodiscard]] Request build() && {
    finish();
    return std::move(*own_);
  }
  void finish() {
    if (count_ < 10) request_->bytes.data()[1] = static_cast<char>('0' + count_);
    else finish_many();
  }

 private:
  void note_key() noexcept {
    KeyPositions& keys = request_->keys;
    if (keys.count == 0) keys.first = count_;
    else if (keys.count == 1) keys.step = count_ - keys.first;
    ++keys.count;
  }
  void begin(std::string_view name, CommandTraits traits) {
    request_->traits = traits;
    if (name.empty() || name.size() > RequestBytes::longest_short || name.find(' ') != std::string_view::npos) {
      return begin_with_words(name);
    }
    request_->bytes.begin(name);
    request_->name_words = 1;
    count_ = 1;
  }
  void begin_with_words(std::string_view name);
  void finish_many();
  void check_timeout(Duration longest) const;
  RequestBuilder& arg_long(std::string_view text);
  RequestBuilder& arg_signed(std::int64_t value);
  RequestBuilder& arg_unsigned(std::uint64_t value);

  std::optional<Request> own_;
  Request* request_;
  std::uint32_t count_ = 0;
};

namespace detail {

/// EVAL instead of EVALSHA. REQUIRES: `request.script`.
[[nodiscard]] MERIDIAN_EXPORT Request with_whole_script(const RequestView& request);

}  // namespace detail

namespace detail {

template <class Argument>
void append(RequestBuilder& builder, const Argument& argument) {
  if constexpr (requires { argument.append_to(builder); }) argument.append_to(builder);
  else builder.arg(argument);
}

}  // namespace detail

template <class... Arguments>
inline Request::Request(std::string_view words, CommandTraits known, const Arguments&... arguments) {
  RequestBuilder builder(*this, words, known);
  (detail::append(builder, arguments), ...);
  builder.finish();
}

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
