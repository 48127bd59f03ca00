// Examples of the commands on bitmaps.
#include "conformance/examples.hpp"

namespace meridian::conformance {
namespace {

using Integers = std::vector<std::int64_t>;
using OptionalIntegers = std::vector<std::optional<std::int64_t>>;

void add_bit_examples(Examples& examples) {
  examples.add(
      {"SETBIT k 7 1"}, [](auto& c) { return c.setbit("k", 7, true); }, false);
  examples.add(
      {"SETBIT k 7 0", {"SETBIT k 7 1"}}, [](auto& c) { return c.setbit("k", 7, false); }, true);
  examples.add(
      {"GETBIT k 7", {"SETBIT k 7 1"}}, [](auto& c) { return c.getbit("k", 7); }, true);
  examples.add(
      {"GETBIT k 100"}, [](auto& c) { return c.getbit("k", 100); }, false);

  const std::vector<std::string_view> foobar = {"SET k foobar"};
  examples.add(
      {"BITCOUNT k", foobar}, [](auto& c) { return c.bitcount("k"); }, 26);
  examples.add(
      {"BITCOUNT k"}, [](auto& c) { return c.bitcount("k"); }, 0);
  examples.add(
      {"BITCOUNT k 1 -2", foobar}, [](auto& c) { return c.bitcount("k", {.first = 1, .last = -2}); }, 18);
  examples.add(
      {"BITCOUNT k 5 30 BIT", foobar},
      [](auto& c) { return c.bitcount("k", {.first = 5, .last = 30, .unit = BitUnit::bit}); }, 17);

  // 00000000 00001111
  const std::vector<std::string_view> half = {"SETBIT k 12 1", "SETBIT k 13 1", "SETBIT k 14 1", "SETBIT k 15 1"};
  examples.add(
      {"BITPOS k 1", half}, [](auto& c) { return c.bitpos("k", true); }, 12);
  examples.add(
      {.words = "BITPOS k 1", .given = {"SETBIT k 7 0"}, .raw = "-1"}, [](auto& c) { return c.bitpos("k", true); },
      std::nullopt);
  examples.add(
      {"BITPOS k 0 1", half}, [](auto& c) { return c.bitpos("k", false, 1); }, 8);
  examples.add(
      {"BITPOS k 1 1 -1", half}, [](auto& c) { return c.bitpos("k", true, {.first = 1}); }, 12);
  examples.add(
      {.words = "BITPOS k 0 12 15 BIT", .given = half, .raw = "-1"},
      [](auto& c) { return c.bitpos("k", false, {.first = 12, .last = 15, .unit = BitUnit::bit}); }, std::nullopt);
}

void add_bitop_examples(Examples& examples) {
  const std::vector<std::string_view> given = {"MSET a abc b bcd d x"};
  examples.add(
      {"BITOP AND d a b", given},
      [](auto& c) {
        return c.bitop_and("d", {"a", "b"});
      },
      3);
  examples.add(
      {"BITOP OR d a b", given},
      [](auto& c) {
        return c.bitop_or("d", {"a", "b"});
      },
      3);
  examples.add(
      {"BITOP XOR d a b", given},
      [](auto& c) {
        return c.bitop_xor("d", {"a", "b"});
      },
      3);
  // Over its own source: the next run would give something else.
  examples.add(
      {"BITOP XOR d d b", given},
      [](auto& c) {
        return c.bitop_xor("d", {"d", "b"});
      },
      3);
  examples.add(
      {"BITOP NOT d a", given}, [](auto& c) { return c.bitop_not("d", "a"); }, 3);
}

void add_bitfield_examples(Examples& examples) {
  using Step = BitFieldStep;
  examples.add(
      {"BITFIELD k GET u8 0", {"SET k A"}}, [](auto& c) { return c.bitfield("k", {Step::get(BitInteger::u(8), 0)}); },
      OptionalIntegers{65});
  examples.add(
      {"BITFIELD k SET i5 #1 -3 GET i5 5 INCRBY u2 100 1"},
      [](auto& c) {
        return c.bitfield("k", {Step::set(BitInteger::i(5), BitOffset::nth(1), -3), Step::get(BitInteger::i(5), 5),
                                Step::incrby(BitInteger::u(2), 100, 1)});
      },
      OptionalIntegers{0, -3, 1});
  examples.add(
      {"BITFIELD k SET u8 0 255 GET u8 0"},
      [](auto& c) {
        return c.bitfield("k", {Step::set(BitInteger::u(8), 0, 255), Step::get(BitInteger::u(8), 0)});
      },
      OptionalIntegers{0, 255});
  // Each step says for itself what becomes of a number that does not fit; the server is told where that changes.
  examples.add(
      {"BITFIELD k OVERFLOW SAT INCRBY u2 0 5 INCRBY u2 2 6 OVERFLOW FAIL INCRBY u2 4 5 OVERFLOW WRAP INCRBY u2 6 5"},
      [](auto& c) {
        const BitInteger u2 = BitInteger::u(2);
        return c.bitfield("k", {Step::incrby(u2, 0, 5, BitOverflow::sat), Step::incrby(u2, 2, 6, BitOverflow::sat),
                                Step::incrby(u2, 4, 5, BitOverflow::fail), Step::incrby(u2, 6, 5)});
      },
      OptionalIntegers{3, 3, std::nullopt, 1});
  examples.add(
      {"BITFIELD_RO k GET u8 #1 GET i4 4", {"SET k AB"}},
      [](auto& c) {
        return c.bitfield_ro("k", {{BitInteger::u(8), BitOffset::nth(1)}, {BitInteger::i(4), 4}});
      },
      Integers{66, 1});
}

}  // namespace

void add_bitmap_examples(Examples& examples) {
  add_bit_examples(examples);
  add_bitop_examples(examples);
  add_bitfield_examples(examples);
}

}  // namespace meridian::conformance
