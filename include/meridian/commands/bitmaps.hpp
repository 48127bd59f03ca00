/// \file
/// Commands on bitmaps: strings whose single bits are read and written. The builders are in `meridian::cmd`;
/// `BitmapCommands` has the same as methods. Bit 0 is the highest bit of the first byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// What a `BitRange` counts in.
enum class BitUnit {
  byte,
  bit,  ///< Redis 7.0.
};

/// A part of a bitmap, both ends inclusive; negative ones count from the end, −1 being the last byte or bit.
struct BitRange {
  std::int64_t first = 0;
  std::int64_t last = -1;
  BitUnit unit = BitUnit::byte;

  /// Adds it to a command.
  void append_to(RequestBuilder& builder) const {
    builder.arg(first).arg(last);
    if (unit == BitUnit::bit) builder.arg("BIT");  // BYTE is what older servers do and have no word for
  }
};

/// The type of a number in a bitmap: `BitInteger::u(4)`.
struct BitInteger {
  std::uint8_t bits = 8;
  bool is_signed = false;

  /// Without a sign, of 1 … 63 bits.
  [[nodiscard]] static constexpr BitInteger u(std::uint8_t bits) noexcept { return {bits, false}; }
  /// With a sign, of 1 … 64 bits.
  [[nodiscard]] static constexpr BitInteger i(std::uint8_t bits) noexcept { return {bits, true}; }

  /// Adds it to a command.
  void append_to(RequestBuilder& builder) const {
    builder.arg((is_signed ? "i" : "u") + std::to_string(static_cast<int>(bits)));
  }
};

/// Where a number is in a bitmap: at a bit, or `BitOffset::nth(2)`, behind two others of the same type.
class BitOffset {
 public:
  template <detail::Number T>
    requires(std::is_integral_v<T>)
  constexpr BitOffset(T bit) noexcept  // NOLINT(google-explicit-constructor): takes what it stands for
      : value_(static_cast<std::uint64_t>(bit)) {}

  /// So many widths of its type from the start.
  [[nodiscard]] static constexpr BitOffset nth(std::uint64_t index) noexcept {
    BitOffset offset(index);
    offset.is_index_ = true;
    return offset;
  }

  /// Adds it to a command.
  void append_to(RequestBuilder& builder) const {
    if (is_index_) builder.arg("#" + std::to_string(value_));
    else builder.arg(value_);
  }

 private:
  std::uint64_t value_;
  bool is_index_ = false;
};

/// What becomes of a number that does not fit.
enum class BitOverflow {
  wrap,  ///< It goes on from the other end.
  sat,   ///< It stays at the end.
  fail,  ///< Nothing is written, and the answer is nullopt.
};

/// Reads one number of a bitmap; bits behind the end are 0.
struct BitFieldGet {
  BitInteger type{};
  BitOffset offset = 0;

  /// Adds it to a command.
  void append_to(RequestBuilder& builder) const {
    builder.arg("GET");
    type.append_to(builder);
    offset.append_to(builder);
  }
};

/// One step of BITFIELD.
class BitFieldStep {
 public:
  /// Reads a number.
  BitFieldStep(const BitFieldGet& get) noexcept  // NOLINT(google-explicit-constructor): it is one
      : BitFieldStep(Kind::get, get.type, get.offset, 0, BitOverflow::wrap) {}

  /// Reads a number.
  [[nodiscard]] static BitFieldStep get(BitInteger type, BitOffset offset) noexcept {
    return BitFieldGet{type, offset};
  }
  /// Writes a number; answers what was there.
  [[nodiscard]] static BitFieldStep set(BitInteger type, BitOffset offset, std::int64_t value,
                                        BitOverflow overflow = BitOverflow::wrap) noexcept {
    return {Kind::set, type, offset, value, overflow};
  }
  /// Adds to a number; answers the sum.
  [[nodiscard]] static BitFieldStep incrby(BitInteger type, BitOffset offset, std::int64_t increment,
                                           BitOverflow overflow = BitOverflow::wrap) noexcept {
    return {Kind::incrby, type, offset, increment, overflow};
  }

  [[nodiscard]] Repeat repeat() const noexcept {
    if (kind_ == Kind::get) return Repeat::read_only;
    return kind_ == Kind::set ? Repeat::overwrite : Repeat::accumulate;
  }

  /// Adds it to a command in which `current` is what becomes of a number that does not fit.
  void append_to(RequestBuilder& builder, BitOverflow& current) const {
    if (kind_ == Kind::get) return BitFieldGet{type_, offset_}.append_to(builder);
    if (overflow_ != current) append_overflow(builder);
    current = overflow_;
    builder.arg(kind_ == Kind::set ? "SET" : "INCRBY");
    type_.append_to(builder);
    offset_.append_to(builder);
    builder.arg(value_);
  }

 private:
  enum class Kind { get, set, incrby };
  BitFieldStep(Kind kind, BitInteger type, BitOffset offset, std::int64_t value, BitOverflow overflow) noexcept
      : kind_(kind), type_(type), offset_(offset), value_(value), overflow_(overflow) {}

  void append_overflow(RequestBuilder& builder) const {
    builder.arg("OVERFLOW");
    switch (overflow_) {
      case BitOverflow::wrap: builder.arg("WRAP"); break;
      case BitOverflow::sat: builder.arg("SAT"); break;
      case BitOverflow::fail: builder.arg("FAIL"); break;
    }
  }

  Kind kind_;
  BitInteger type_;
  BitOffset offset_;
  std::int64_t value_;
  BitOverflow overflow_;
};

namespace detail {

/// A bit, which is written as a number.
struct Bit {
  bool is_set;
  void append_to(RequestBuilder& builder) const { builder.arg(is_set ? 1 : 0); }
};

struct BitFieldSteps {
  const std::vector<BitFieldStep>& steps;
  void append_to(RequestBuilder& builder) const {
    BitOverflow overflow = BitOverflow::wrap;
    for (const BitFieldStep& step : steps) step.append_to(builder, overflow);
  }
  [[nodiscard]] CommandTraits traits() const noexcept {
    Repeat worst = Repeat::read_only;
    for (const BitFieldStep& step : steps) {
      if (step.repeat() > worst) worst = step.repeat();
    }
    return {worst};
  }
};

struct BitFieldGets {
  const std::vector<BitFieldGet>& gets;
  void append_to(RequestBuilder& builder) const {
    for (const BitFieldGet& get : gets) get.append_to(builder);
  }
};

[[nodiscard]] inline Request bitop(std::string_view operation, std::string_view destination,
                                   const StringArgs& sources) {
  return {"BITOP", stored(destination, sources), operation, Destination{destination}, Keys{sources}};
}

/// The integer of BITPOS; −1 is nullopt.
[[nodiscard]] MERIDIAN_EXPORT Result<std::optional<std::int64_t>> decode_bit_position(ReplyView reply);

}  // namespace detail

namespace cmd {

/// Sets or clears one bit; answers what it was. The value grows as far as it must.
/// https://redis.io/docs/latest/commands/setbit/
[[nodiscard]] inline Command<bool> setbit(std::string_view key, std::uint64_t offset, bool value) {
  return {{"SETBIT", detail::overwrite, detail::Key{key}, offset, detail::Bit{value}}, decode<bool>};
}

/// One bit; false behind the end of the value.
/// https://redis.io/docs/latest/commands/getbit/
[[nodiscard]] inline Command<bool> getbit(std::string_view key, std::uint64_t offset) {
  return {{"GETBIT", detail::read_only, detail::Key{key}, offset}, decode<bool>};
}

/// How many bits are set, 0 if there is no such key.
/// https://redis.io/docs/latest/commands/bitcount/
[[nodiscard]] inline Command<std::int64_t> bitcount(std::string_view key) {
  return {{"BITCOUNT", detail::read_only, detail::Key{key}}, decode<std::int64_t>};
}

/// How many bits of a part are set: `bitcount("k", {.first = 0, .last = 9, .unit = BitUnit::bit})`.
/// https://redis.io/docs/latest/commands/bitcount/
[[nodiscard]] inline Command<std::int64_t> bitcount(std::string_view key, const BitRange& range) {
  return {{"BITCOUNT", detail::read_only, detail::Key{key}, range}, decode<std::int64_t>};
}

/// The first bit that is set or clear, counted from the start of the value; nullopt if there is none. Behind its end
/// all bits are clear: a value without a clear bit, and a missing one, has its first there.
/// https://redis.io/docs/latest/commands/bitpos/
[[nodiscard]] inline Command<std::optional<std::int64_t>> bitpos(std::string_view key, bool bit) {
  return {{"BITPOS", detail::read_only, detail::Key{key}, detail::Bit{bit}}, detail::decode_bit_position};
}

/// The same from byte `first` on.
/// https://redis.io/docs/latest/commands/bitpos/
[[nodiscard]] inline Command<std::optional<std::int64_t>> bitpos(std::string_view key, bool bit, std::int64_t first) {
  return {{"BITPOS", detail::read_only, detail::Key{key}, detail::Bit{bit}, first}, detail::decode_bit_position};
}

/// The same in a part, which ends where it ends: nullopt if it has no clear bit.
/// https://redis.io/docs/latest/commands/bitpos/
[[nodiscard]] inline Command<std::optional<std::int64_t>> bitpos(std::string_view key, bool bit,
                                                                 const BitRange& range) {
  return {{"BITPOS", detail::read_only, detail::Key{key}, detail::Bit{bit}, range}, detail::decode_bit_position};
}

/// Stores the bits that all `sources` have; answers the length in bytes. Missing keys and what is behind the end of a
/// shorter value count as zeros. If all are missing, the destination is deleted.
/// https://redis.io/docs/latest/commands/bitop/
[[nodiscard]] inline Command<std::int64_t> bitop_and(std::string_view destination, const StringArgs& sources) {
  return {detail::bitop("AND", destination, sources), decode<std::int64_t>};
}

/// Stores the bits that one of `sources` has; answers the length in bytes.
/// https://redis.io/docs/latest/commands/bitop/
[[nodiscard]] inline Command<std::int64_t> bitop_or(std::string_view destination, const StringArgs& sources) {
  return {detail::bitop("OR", destination, sources), decode<std::int64_t>};
}

/// Stores the bits that an odd number of `sources` have; answers the length in bytes.
/// https://redis.io/docs/latest/commands/bitop/
[[nodiscard]] inline Command<std::int64_t> bitop_xor(std::string_view destination, const StringArgs& sources) {
  return {detail::bitop("XOR", destination, sources), decode<std::int64_t>};
}

/// Stores the bits that `source` does not have; answers the length in bytes.
/// https://redis.io/docs/latest/commands/bitop/
[[nodiscard]] inline Command<std::int64_t> bitop_not(std::string_view destination, std::string_view source) {
  return {detail::bitop("NOT", destination, source), decode<std::int64_t>};
}

/// Reads and writes numbers of any width, one after the other; answers one value for each step. Nullopt where a number
/// did not fit and `BitOverflow::fail` was asked for.
/// \code
/// client.bitfield("k", {BitFieldStep::get(BitInteger::u(8), 0),
///                       BitFieldStep::incrby(BitInteger::i(5), BitOffset::nth(3), 1, BitOverflow::sat)});
/// \endcode
/// https://redis.io/docs/latest/commands/bitfield/
[[nodiscard]] inline Command<std::vector<std::optional<std::int64_t>>> bitfield(
    std::string_view key, const std::vector<BitFieldStep>& steps) {
  const detail::BitFieldSteps all{steps};
  return {{"BITFIELD", all.traits(), detail::Key{key}, all}, decode<std::vector<std::optional<std::int64_t>>>};
}

/// Reads numbers of any width: `bitfield_ro("k", {{BitInteger::u(8), 0}, {BitInteger::i(5), 100}})`.
/// https://redis.io/docs/latest/commands/bitfield_ro/
[[nodiscard]] inline Command<std::vector<std::int64_t>> bitfield_ro(std::string_view key,
                                                                    const std::vector<BitFieldGet>& gets) {
  return {{"BITFIELD_RO", detail::read_only, detail::Key{key}, detail::BitFieldGets{gets}},
          decode<std::vector<std::int64_t>>};
}

}  // namespace cmd

/// The commands on bitmaps as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class BitmapCommands {
 public:
  auto setbit(std::string_view key, std::uint64_t offset, bool value) {
    return self().run(cmd::setbit(key, offset, value));
  }
  auto getbit(std::string_view key, std::uint64_t offset) { return self().run(cmd::getbit(key, offset)); }
  auto bitcount(std::string_view key) { return self().run(cmd::bitcount(key)); }
  auto bitcount(std::string_view key, const BitRange& range) { return self().run(cmd::bitcount(key, range)); }
  auto bitpos(std::string_view key, bool bit) { return self().run(cmd::bitpos(key, bit)); }
  auto bitpos(std::string_view key, bool bit, std::int64_t first) { return self().run(cmd::bitpos(key, bit, first)); }
  auto bitpos(std::string_view key, bool bit, const BitRange& range) {
    return self().run(cmd::bitpos(key, bit, range));
  }
  auto bitop_and(std::string_view destination, const StringArgs& sources) {
    return self().run(cmd::bitop_and(destination, sources));
  }
  auto bitop_or(std::string_view destination, const StringArgs& sources) {
    return self().run(cmd::bitop_or(destination, sources));
  }
  auto bitop_xor(std::string_view destination, const StringArgs& sources) {
    return self().run(cmd::bitop_xor(destination, sources));
  }
  auto bitop_not(std::string_view destination, std::string_view source) {
    return self().run(cmd::bitop_not(destination, source));
  }
  auto bitfield(std::string_view key, const std::vector<BitFieldStep>& steps) {
    return self().run(cmd::bitfield(key, steps));
  }
  auto bitfield_ro(std::string_view key, const std::vector<BitFieldGet>& gets) {
    return self().run(cmd::bitfield_ro(key, gets));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
