// The scanner: every type, every cut, every limit at and one over.
#include "resp/scanner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::resp {
namespace {

using namespace std::string_literals;

ScanStatus scan_whole(std::string_view wire, const Limits& limits = {}) {
  Scanner scanner(limits);
  return scanner.scan(wire);
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += part;
  return all;
}

const std::vector<std::string>& valid_values() {
  static const std::vector<std::string> values = {
      // RESP2
      "+OK\r\n", "+\r\n", "-ERR unknown command\r\n", ":0\r\n", ":-1\r\n", ":+7\r\n", ":9223372036854775807\r\n",
      ":-9223372036854775808\r\n", "$0\r\n\r\n", "$5\r\nhello\r\n", "$4\r\n\r\n\r\n\r\n", "$-1\r\n", "*0\r\n",
      "*-1\r\n", "*2\r\n$1\r\na\r\n:1\r\n", "*3\r\n*0\r\n*1\r\n+a\r\n$-1\r\n", "$3\r\n\0\xff\n\r\n"s,
      // RESP3
      "_\r\n", ",3.14\r\n", ",10\r\n", ",-1.5e-9\r\n", ",+2E+3\r\n", ",inf\r\n", ",-inf\r\n", ",nan\r\n", ",-nan\r\n",
      "#t\r\n", "#f\r\n", "!5\r\nERR x\r\n", "!0\r\n\r\n", "=4\r\ntxt:\r\n", "=8\r\nmkd:# hi\r\n",
      "(3492890328409238509324850943850943825024385\r\n", "(-0\r\n", "(+12\r\n", "%0\r\n", "%1\r\n+k\r\n:1\r\n",
      "~2\r\n:1\r\n:2\r\n", ">2\r\n+message\r\n+hi\r\n", ">0\r\n", "|1\r\n+ttl\r\n:5\r\n+value\r\n", "|0\r\n:1\r\n",
      "*2\r\n|1\r\n+a\r\n|1\r\n+b\r\n+c\r\n+d\r\n:1\r\n:2\r\n", "|1\r\n+a\r\n+b\r\n>1\r\n+c\r\n",
      "%2\r\n$1\r\na\r\n*2\r\n:1\r\n#t\r\n+b\r\n~1\r\n,1\r\n"};
  return values;
}

TEST(Scanner, accepts_every_type_whole_and_ignores_what_follows) {
  for (const std::string& value : valid_values()) {
    Scanner scanner;
    EXPECT_EQ(scanner.scan(value + "$garbage"), ScanStatus::complete) << value << scanner.error();
    EXPECT_EQ(scanner.length(), value.size()) << value;
    EXPECT_EQ(scanner.error(), "");
  }
}

TEST(Scanner, accepts_a_value_cut_at_any_byte) {
  for (const std::string& value : valid_values()) {
    for (std::size_t cut = 0; cut < value.size(); ++cut) {
      Scanner scanner;
      EXPECT_EQ(scanner.scan(value.substr(0, cut)), ScanStatus::need_more) << value << " cut at " << cut;
      EXPECT_EQ(scanner.scan(value), ScanStatus::complete) << value << " cut at " << cut;
      EXPECT_EQ(scanner.length(), value.size());
    }
  }
}

TEST(Scanner, takes_a_whole_bulk_and_nothing_else_and_goes_on_with_the_next_value) {
  for (const std::string& value : valid_values()) {
    Scanner scanner;
    for (std::size_t cut = 0; cut < value.size(); ++cut) {
      EXPECT_FALSE(scanner.take_whole_bulk(std::string_view(value).substr(0, cut))) << value << " cut at " << cut;
    }
    const std::string wire = value + "$1\r\nx\r\n";
    const auto text = scanner.take_whole_bulk(wire);
    ASSERT_EQ(text.has_value(), value[0] == '$' && value[1] != '-') << value;
    if (!text) continue;
    const auto length = static_cast<std::size_t>(text->data() - wire.data()) + text->size() + 2;
    EXPECT_EQ(length, value.size());
    EXPECT_EQ(scanner.take_whole_bulk(std::string_view(wire).substr(length)), "x");
  }
}

TEST(Scanner, takes_no_bulk_that_is_not_simple) {
  for (const std::string_view wire : {"$5\r\nhellooo", "$\r\n\r\n\r\n", "$1x\na\r\n", "$1\rxa\r\n", "$1\r\na\rx",
                                      "$1\r\naxx\n", "$0000001\r\na\r\n", "+OK\r\n  ", "!1\r\na\r\n"}) {
    EXPECT_FALSE(Scanner().take_whole_bulk(wire)) << wire;
  }
  EXPECT_FALSE(Scanner(Limits{.bulk_bytes = 4}).take_whole_bulk("$5\r\nhello\r\n"));
  // What `scan` has begun is not simple any more, unless only its header was waited for.
  Scanner scanner;
  EXPECT_EQ(scanner.scan("$5\r\nhel"), ScanStatus::need_more);
  EXPECT_FALSE(scanner.take_whole_bulk("$5\r\nhello\r\n"));
  EXPECT_EQ(scanner.scan("$5\r\nhello\r\n"), ScanStatus::complete);
  scanner.reset();
  EXPECT_EQ(scanner.scan("$5"), ScanStatus::need_more);
  EXPECT_EQ(scanner.take_whole_bulk("$5\r\nhello\r\n"), "hello");
  EXPECT_EQ(scanner.scan(":1\r\n"), ScanStatus::complete);
}

TEST(Scanner, accepts_a_value_byte_by_byte_each_time_at_another_address) {
  for (const std::string& value : valid_values()) {
    Scanner scanner;
    for (std::size_t have = 0; have < value.size(); ++have) {
      const std::string elsewhere = value.substr(0, have);
      ASSERT_EQ(scanner.scan(elsewhere), ScanStatus::need_more) << value << " at " << have;
    }
    EXPECT_EQ(scanner.scan(value), ScanStatus::complete) << value;
    EXPECT_EQ(scanner.length(), value.size());
  }
}

TEST(Scanner, reads_values_in_a_row_after_reset) {
  const std::string wire = "+OK\r\n$3\r\nabc\r\n*1\r\n:1\r\n";
  Scanner scanner;
  std::string_view rest = wire;
  std::vector<std::size_t> lengths;
  while (!rest.empty()) {
    ASSERT_EQ(scanner.scan(rest), ScanStatus::complete);
    lengths.push_back(scanner.length());
    rest.remove_prefix(scanner.length());
    scanner.reset();
  }
  EXPECT_EQ(lengths, (std::vector<std::size_t>{5, 9, 8}));
}

TEST(Scanner, repeats_its_verdict_until_reset) {
  Scanner scanner;
  ASSERT_EQ(scanner.scan("?"), ScanStatus::malformed);
  EXPECT_EQ(scanner.scan("+OK\r\n"), ScanStatus::malformed);
  scanner.reset();
  EXPECT_EQ(scanner.error(), "");
  ASSERT_EQ(scanner.scan("+OK\r\n"), ScanStatus::complete);
  EXPECT_EQ(scanner.scan("+OK\r\n+more\r\n"), ScanStatus::complete);
  EXPECT_EQ(scanner.length(), 5U);
}

TEST(Scanner, refuses_what_the_grammar_does_not_allow_whole_and_byte_by_byte) {
  const std::vector<std::string> wrong = {
      // integers
      ":\r\n", ":-\r\n", ":+\r\n", ":+-1\r\n", ": 1\r\n", ":1 \r\n", ":1a\r\n", ":0x10\r\n", ":1.0\r\n",
      ":9223372036854775808\r\n", ":-9223372036854775809\r\n", ":99999999999999999999999\r\n",
      // lengths and counts
      "$\r\n", "$-2\r\n", "$-0\r\n", "$-01\r\n", "$+1\r\na\r\n", "$ 1\r\na\r\n", "$1 \r\na\r\n", "$a\r\n",
      "$9223372036854775808\r\n", "$18446744073709551616\r\n", "$18446744073709551615\r\n", "*-2\r\n", "*+1\r\n",
      "*\r\n", "*9223372036854775807\r\n", "*18446744073709551617\r\n", "%-1\r\n", "%9223372036854775807\r\n",
      "%4611686018427387904\r\n", "~-1\r\n", ">-1\r\n", "|-1\r\n", "!-1\r\n", "=-1\r\n", "|9223372036854775807\r\n",
      // streamed types
      "$?\r\n", "*?\r\n", "%?\r\n", "~?\r\n", ".\r\n", ";4\r\n",
      // CRLF
      "+OK\n", "+\n", "+O\rK\r\n", "+OK\r\r\n", "+O\nK\r\n", ":1\n", "$1\na\r\n", "$1\r\nab\r\n", "$1\r\na\n\r",
      "$1\r\na\r\r", "_\n",
      // doubles
      ",\r\n", ",.5\r\n", ",5.\r\n", ",1e\r\n", ",1e+\r\n", ",e5\r\n", ",--1\r\n", ", 1\r\n", ",1 \r\n",
      ",infinity\r\n", ",+inf\r\n", ",INF\r\n", ",0x1p3\r\n", ",1,5\r\n", ",nan(1)\r\n", ",-\r\n",
      // booleans, null, big numbers, verbatim strings
      "#\r\n", "#T\r\n", "#true\r\n", "#1\r\n", "_x\r\n", "_ \r\n", "(\r\n", "(-\r\n", "(1.0\r\n", "(1e5\r\n",
      "(1a\r\n", "=0\r\n\r\n", "=3\r\ntxt\r\n", "=4\r\ntext\r\n", "=5\r\ntx:tt\r\n",
      // pushes anywhere but on top, and types that are none
      "*1\r\n>1\r\n+a\r\n", "|1\r\n>1\r\n+a\r\n+b\r\n+c\r\n", "HTTP/1.1 400 Bad Request\r\n", "\r\n", "\0"s, " +OK\r\n",
      "*1\r\nx"};
  for (const std::string& wire : wrong) {
    Scanner whole;
    EXPECT_EQ(whole.scan(wire), ScanStatus::malformed) << wire;
    EXPECT_FALSE(whole.error().empty()) << wire;
    Scanner slow;
    ScanStatus last = ScanStatus::need_more;
    for (std::size_t have = 1; have <= wire.size(); ++have) last = slow.scan(std::string_view(wire).substr(0, have));
    EXPECT_EQ(last, ScanStatus::malformed) << wire;
    EXPECT_EQ(slow.error(), whole.error()) << wire;
  }
}

TEST(Scanner, refuses_garbage_at_its_first_byte_and_names_it_escaped) {
  Scanner scanner;
  EXPECT_EQ(scanner.scan("\x1b[31msecret"), ScanStatus::malformed);
  EXPECT_EQ(scanner.error(), "no RESP type begins with byte \\x1b");
}

TEST(Scanner, refuses_a_wrong_format_of_a_verbatim_string_before_its_end) {
  EXPECT_EQ(scan_whole("=100\r\ntext"), ScanStatus::malformed);
}

TEST(Scanner, bulk_limit_holds_at_the_header) {
  const Limits limits;
  EXPECT_EQ(scan_whole("$536870912\r\n", limits), ScanStatus::need_more);
  EXPECT_EQ(scan_whole("$536870913\r\n", limits), ScanStatus::malformed);
  EXPECT_EQ(scan_whole("!536870913\r\n", limits), ScanStatus::malformed);
  EXPECT_EQ(scan_whole("=536870913\r\n", limits), ScanStatus::malformed);
}

TEST(Scanner, line_limit_holds_with_and_without_its_end) {
  const Limits limits;
  for (const char type : {'+', '-', '('}) {
    const std::string line = type + std::string(limits.line_bytes, '1');
    EXPECT_EQ(scan_whole(line + "\r\n"), ScanStatus::complete);
    EXPECT_EQ(scan_whole(line + "\r"), ScanStatus::need_more);
    EXPECT_EQ(scan_whole(line + "1\r\n"), ScanStatus::malformed);
    EXPECT_EQ(scan_whole(line + "11"), ScanStatus::malformed);
  }
}

TEST(Scanner, aggregate_limit_holds_at_the_header_and_a_map_counts_twice) {
  for (const char type : {'*', '~', '>'}) {
    EXPECT_EQ(scan_whole(type + "1048576\r\n"s), ScanStatus::need_more) << type;
    EXPECT_EQ(scan_whole(type + "1048577\r\n"s), ScanStatus::malformed) << type;
  }
  for (const char type : {'%', '|'}) {
    EXPECT_EQ(scan_whole(type + "524288\r\n"s), ScanStatus::need_more) << type;
    EXPECT_EQ(scan_whole(type + "524289\r\n"s), ScanStatus::malformed) << type;
  }
}

TEST(Scanner, reply_limit_counts_the_elements_of_all_aggregates) {
  const Limits limits{.elements_per_reply = 10};
  EXPECT_EQ(scan_whole("*2\r\n*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n*4\r\n", limits), ScanStatus::need_more);
  EXPECT_EQ(scan_whole("*2\r\n*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n*5\r\n", limits), ScanStatus::malformed);
  EXPECT_EQ(scan_whole("%5\r\n", limits), ScanStatus::need_more);
  EXPECT_EQ(scan_whole("%6\r\n", limits), ScanStatus::malformed);
}

TEST(Scanner, reply_limit_of_sixteen_million_holds) {
  // Sixteen arrays of 2^20 − 1 nulls and the sixteen themselves make 16 Mi elements exactly.
  const std::string nulls = "*1048575\r\n" + repeated("_\r\n", 1048575);
  const std::string fits = "*16\r\n" + repeated(nulls, 16);
  Scanner scanner;
  EXPECT_EQ(scanner.scan(fits), ScanStatus::complete);
  EXPECT_EQ(scanner.length(), fits.size());
  EXPECT_EQ(scan_whole("*17\r\n" + repeated(nulls, 16) + "*0\r\n"), ScanStatus::malformed);
}

TEST(Scanner, attributes_count_against_the_limits) {
  const Limits limits{.depth = 2, .elements_per_reply = 6};
  EXPECT_EQ(scan_whole("|1\r\n+a\r\n+b\r\n|1\r\n+a\r\n+b\r\n+c\r\n", limits), ScanStatus::complete);
  EXPECT_EQ(scan_whole("|1\r\n+a\r\n+b\r\n|1\r\n+a\r\n+b\r\n|0\r\n", limits), ScanStatus::malformed);
  EXPECT_EQ(scan_whole("|1\r\n|1\r\n+a\r\n+b\r\n+a\r\n+b\r\n+c\r\n", limits), ScanStatus::complete);
  EXPECT_EQ(scan_whole("|1\r\n|1\r\n|0\r\n", limits), ScanStatus::malformed);
}

TEST(Scanner, an_endless_row_of_empty_attributes_ends) {
  const Limits limits{.elements_per_reply = 1000};
  EXPECT_EQ(scan_whole(repeated("|0\r\n", 1000), limits), ScanStatus::need_more);
  EXPECT_EQ(scan_whole(repeated("|0\r\n", 1001), limits), ScanStatus::malformed);
}

TEST(Scanner, depth_limit_holds_for_every_aggregate) {
  for (const std::string header : {"*1\r\n", "~1\r\n", "%1\r\n+k\r\n", "|1\r\n+k\r\n"}) {
    EXPECT_NE(scan_whole(repeated(header, 32)), ScanStatus::malformed) << header;
    EXPECT_EQ(scan_whole(repeated(header, 33)), ScanStatus::malformed) << header;
  }
  EXPECT_EQ(scan_whole(repeated("*1\r\n", 32) + ":1\r\n"), ScanStatus::complete);
  EXPECT_EQ(scan_whole(repeated("*1\r\n", 31) + "*0\r\n"), ScanStatus::complete);
  EXPECT_EQ(scan_whole(repeated("*1\r\n", 32) + "*0\r\n"), ScanStatus::malformed);
  EXPECT_EQ(scan_whole(repeated("*1\r\n", 32) + "*-1\r\n"), ScanStatus::complete);
}

TEST(Scanner, depth_is_never_more_than_the_hard_maximum) {
  const Limits limits{.depth = 1'000'000};
  EXPECT_EQ(scan_whole(repeated("*1\r\n", 128) + ":1\r\n", limits), ScanStatus::complete);
  EXPECT_EQ(scan_whole(repeated("*1\r\n", 129), limits), ScanStatus::malformed);
}

TEST(Scanner, refuses_200_000_nested_arrays) {
  const std::string wire = repeated("*1\r\n", 200'000);
  EXPECT_EQ(scan_whole(wire), ScanStatus::malformed);
  EXPECT_EQ(scan_whole(wire, {.depth = 200'000}), ScanStatus::malformed);
}

TEST(Scanner, many_closing_levels_complete_at_once) {
  const std::string wire = repeated("*2\r\n:1\r\n", 32) + ":2\r\n";
  EXPECT_EQ(scan_whole(wire), ScanStatus::complete);
  EXPECT_EQ(scan_whole(std::string_view(wire).substr(0, wire.size() - 1)), ScanStatus::need_more);
}

// Feeds `wire` byte by byte and spoils each byte that is done with, as `done(have)` counts them: work is linear if
// the scanner never looks at one again.
template <class Done>
void expect_no_second_look(std::string wire, char spoiled, Done done) {
  Scanner scanner({.line_bytes = std::size_t{1} << 20});
  std::size_t spoiled_until = 1;
  for (std::size_t have = 1; have < wire.size(); ++have) {
    ASSERT_EQ(scanner.scan(std::string_view(wire).substr(0, have)), ScanStatus::need_more) << "at " << have;
    for (; spoiled_until < done(have); ++spoiled_until) wire[spoiled_until] = spoiled;
  }
  EXPECT_EQ(scanner.scan(wire), ScanStatus::complete) << scanner.error();
  EXPECT_EQ(scanner.length(), wire.size());
}

TEST(Scanner, never_looks_again_at_a_part_of_a_line_that_it_has_searched) {
  const std::size_t mebi = std::size_t{1} << 20;
  expect_no_second_look("+" + std::string(mebi, 'x') + "\r\n", '\n',
                        [&](std::size_t have) { return std::min(have, 1 + mebi); });
}

TEST(Scanner, never_looks_again_at_the_header_and_payload_of_a_bulk) {
  const std::size_t mebi = std::size_t{1} << 20;
  const std::size_t header = std::string("$1048576\r\n").size();
  expect_no_second_look("$1048576\r\n" + std::string(mebi, '\n') + "\r\n", '?',
                        [&](std::size_t have) { return have < header ? 0 : std::min(have, header + mebi); });
}

TEST(Scanner, never_looks_again_at_elements_that_are_complete) {
  const std::string header = "*100000\r\n";
  const std::string element = "$2\r\nab\r\n";
  expect_no_second_look(header + repeated(element, 100'000), '?', [&](std::size_t have) {
    return have < header.size() ? 0 : have - (have - header.size()) % element.size();
  });
}

}  // namespace
}  // namespace meridian::resp
