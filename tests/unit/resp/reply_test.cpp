// ReplyView: what each type reads as, and that walking equals what was written, for generated values in any cut.
#include <meridian/reply.hpp>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "resp/input_buffer.hpp"
#include "resp/scanner.hpp"

namespace meridian {
namespace {

std::vector<std::string> elements_of(ReplyView view) {
  std::vector<std::string> wires;
  for (const ReplyView element : view) wires.emplace_back(element.wire());
  return wires;
}

TEST(ReplyView, names_every_type) {
  const std::vector<std::pair<std::string, std::string_view>> cases = {{"+a\r\n", "simple_string"},
                                                                       {"-a\r\n", "error"},
                                                                       {"!1\r\na\r\n", "error"},
                                                                       {":1\r\n", "integer"},
                                                                       {"$1\r\na\r\n", "bulk_string"},
                                                                       {"$-1\r\n", "null"},
                                                                       {"*-1\r\n", "null"},
                                                                       {"_\r\n", "null"},
                                                                       {",1\r\n", "real"},
                                                                       {"#t\r\n", "boolean"},
                                                                       {"(1\r\n", "big_number"},
                                                                       {"=4\r\ntxt:\r\n", "verbatim_string"},
                                                                       {"*0\r\n", "array"},
                                                                       {"%0\r\n", "map"},
                                                                       {"~0\r\n", "set"},
                                                                       {">0\r\n", "push"}};
  for (const auto& [wire, name] : cases) {
    const ReplyView view(wire);
    EXPECT_EQ(to_string(view.type()), name) << wire;
    EXPECT_EQ(view.wire(), wire);
    EXPECT_EQ(view.is_aggregate(), name == "array" || name == "map" || name == "set" || name == "push") << wire;
    EXPECT_EQ(view.is_null(), name == "null") << wire;
    EXPECT_EQ(view.is_error(), name == "error") << wire;
    EXPECT_EQ(view.begin(), view.end()) << wire;
  }
}

TEST(ReplyView, reads_text) {
  EXPECT_EQ(ReplyView("+OK\r\n").as_string(), "OK");
  EXPECT_EQ(ReplyView("-ERR no\r\n").as_string(), "ERR no");
  EXPECT_EQ(ReplyView("!6\r\nERR\r\nx\r\n").as_string(), "ERR\r\nx");
  EXPECT_EQ(ReplyView("$4\r\na\r\nb\r\n").as_string(), "a\r\nb");
  EXPECT_EQ(ReplyView("$0\r\n\r\n").as_string(), "");
  EXPECT_EQ(ReplyView("=8\r\ntxt:text\r\n").as_string(), "text");
  EXPECT_EQ(ReplyView(":-12\r\n").as_string(), "-12");
  EXPECT_EQ(ReplyView(",1.50\r\n").as_string(), "1.50");
  EXPECT_EQ(ReplyView("(123\r\n").as_string(), "123");
  for (const char* none : {"_\r\n", "$-1\r\n", "*-1\r\n", "#t\r\n", "*0\r\n", "%0\r\n"}) {
    EXPECT_EQ(ReplyView(none).as_string(), std::nullopt) << none;
  }
}

TEST(ReplyView, reads_integers_strictly) {
  EXPECT_EQ(ReplyView(":9223372036854775807\r\n").as_integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(ReplyView(":-9223372036854775808\r\n").as_integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(ReplyView(":+5\r\n").as_integer(), 5);
  EXPECT_EQ(ReplyView("$2\r\n42\r\n").as_integer(), 42);
  EXPECT_EQ(ReplyView("+-42\r\n").as_integer(), -42);
  EXPECT_EQ(ReplyView("=6\r\ntxt:42\r\n").as_integer(), 42);
  EXPECT_EQ(ReplyView("(42\r\n").as_integer(), 42);
  for (const char* none : {"$0\r\n\r\n", "$3\r\n 42\r\n", "$3\r\n42 \r\n", "$3\r\n+42\r\n", "$3\r\n4.0\r\n",
                           "$1\r\n-\r\n", "$19\r\n9223372036854775808\r\n", "(9223372036854775808\r\n", ",1\r\n",
                           "#t\r\n", "_\r\n", "-1\r\n", "*0\r\n"}) {
    EXPECT_EQ(ReplyView(none).as_integer(), std::nullopt) << none;
  }
}

TEST(ReplyView, reads_doubles_strictly) {
  EXPECT_EQ(ReplyView(",3.25\r\n").as_double(), 3.25);
  EXPECT_EQ(ReplyView(",+1e3\r\n").as_double(), 1000.0);
  EXPECT_EQ(ReplyView(",-inf\r\n").as_double(), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(ReplyView(",-nan\r\n").as_double().value_or(0)));
  EXPECT_EQ(ReplyView(":3\r\n").as_double(), 3.0);
  EXPECT_EQ(ReplyView("$4\r\n3.14\r\n").as_double(), 3.14);
  EXPECT_EQ(ReplyView("$3\r\ninf\r\n").as_double(), std::numeric_limits<double>::infinity());
  for (const char* none : {"$0\r\n\r\n", "$2\r\n.5\r\n", "$2\r\n1 \r\n", "$8\r\ninfinity\r\n", "$3\r\n0x1\r\n",
                           "$5\r\n1e999\r\n", "_\r\n", "#t\r\n", "-1\r\n"}) {
    EXPECT_EQ(ReplyView(none).as_double(), std::nullopt) << none;
  }
}

TEST(ReplyView, reads_booleans_of_both_protocols) {
  EXPECT_EQ(ReplyView("#t\r\n").as_bool(), true);
  EXPECT_EQ(ReplyView("#f\r\n").as_bool(), false);
  EXPECT_EQ(ReplyView(":1\r\n").as_bool(), true);
  EXPECT_EQ(ReplyView(":0\r\n").as_bool(), false);
  for (const char* none : {":2\r\n", ":-1\r\n", "$1\r\n1\r\n", "+t\r\n", "_\r\n", ",1\r\n"}) {
    EXPECT_EQ(ReplyView(none).as_bool(), std::nullopt) << none;
  }
}

TEST(ReplyView, iterates_over_direct_elements_only) {
  const std::string wire = "*4\r\n*2\r\n:1\r\n*1\r\n:2\r\n$-1\r\n%1\r\n+k\r\n~1\r\n:3\r\n$2\r\n\r\n\r\n";
  const std::vector<std::string> expected = {"*2\r\n:1\r\n*1\r\n:2\r\n", "$-1\r\n", "%1\r\n+k\r\n~1\r\n:3\r\n",
                                             "$2\r\n\r\n\r\n"};
  EXPECT_EQ(elements_of(ReplyView(wire)), expected);
  EXPECT_EQ(ReplyView(wire + "+next\r\n").wire(), wire);
}

TEST(ReplyView, a_map_iterates_as_key_value) {
  const std::string wire = "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n";
  EXPECT_EQ(ReplyView(wire).size(), 4U);
  EXPECT_EQ(elements_of(ReplyView(wire)), (std::vector<std::string>{"+a\r\n", ":1\r\n", "+b\r\n", ":2\r\n"}));
}

TEST(ReplyView, skips_attributes_wherever_they_stand) {
  const std::string attribute = "|1\r\n+ttl\r\n*2\r\n:1\r\n|0\r\n:2\r\n";
  const std::string wire = attribute + "|0\r\n*2\r\n" + attribute + "+a\r\n|0\r\n:2\r\n";
  const ReplyView view(wire);
  EXPECT_EQ(view.type(), ReplyType::array);
  EXPECT_EQ(view.size(), 2U);
  EXPECT_EQ(elements_of(view), (std::vector<std::string>{"+a\r\n", ":2\r\n"}));
  EXPECT_EQ(view.wire(), wire.substr(attribute.size() + 4));
}

TEST(ReplyView, walks_the_deepest_reply) {
  std::string wire;
  for (std::size_t i = 0; i < resp::max_depth; ++i) wire += "*1\r\n";
  wire += "+end\r\n";
  resp::Scanner scanner({.depth = resp::max_depth});
  ASSERT_EQ(scanner.scan(wire), resp::ScanStatus::complete);
  ReplyView view(wire);
  while (view.is_aggregate()) view = *view.begin();
  EXPECT_EQ(view.as_string(), "end");
}

TEST(Reply, is_null_by_default_and_after_a_move) {
  Reply reply;
  EXPECT_TRUE(reply.is_null());
  Reply full(std::string("$30\r\n") + std::string(30, 'x') + "\r\n");
  reply = std::move(full);
  EXPECT_EQ(reply.as_string(), std::string(30, 'x'));
  EXPECT_EQ(Reply(std::string()).type(), ReplyType::null);
  EXPECT_EQ(Reply(std::string()).view().wire(), "");
}

// A value as the test knows it: what it looks like on the wire, and what it must read as.
struct Value {
  ReplyType type = ReplyType::null;
  std::string wire;
  std::string text;
  std::vector<Value> children;
};

std::size_t below(std::size_t limit) { return *rc::gen::inRange<std::size_t>(0, limit); }

std::string any_bytes(std::size_t limit) {
  std::string text(below(limit), '\0');
  for (char& byte : text) byte = static_cast<char>(below(256));
  return text;
}

std::string any_line() {
  std::string line = any_bytes(40);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }, '.');
  return line;
}

Value any_bulk(ReplyType type, char byte, const std::string& format) {
  Value value{.type = type, .wire = {}, .text = any_bytes(60), .children = {}};
  value.wire = byte + std::to_string(format.size() + value.text.size()) + "\r\n" + format + value.text + "\r\n";
  return value;
}

Value any_scalar() {
  const auto line = [](ReplyType type, char byte, const std::string& text) {
    return Value{.type = type, .wire = byte + text + "\r\n", .text = text, .children = {}};
  };
  switch (below(11)) {
    case 0: return line(ReplyType::simple_string, '+', any_line());
    case 1: return line(ReplyType::error, '-', any_line());
    case 2: return line(ReplyType::integer, ':', std::to_string(*rc::gen::arbitrary<std::int64_t>()));
    case 3: return line(ReplyType::real, ',', std::to_string(*rc::gen::inRange(-1000, 1000)) + ".5");
    case 4: return line(ReplyType::big_number, '(', std::string("-").append(1 + below(50), '7'));
    case 5: return line(ReplyType::boolean, '#', below(2) == 0 ? "t" : "f");
    case 6: return line(ReplyType::null, '_', "");
    case 7: return {.type = ReplyType::null, .wire = below(2) == 0 ? "$-1\r\n" : "*-1\r\n", .text = {}, .children = {}};
    case 8: return any_bulk(ReplyType::error, '!', "");
    case 9: return any_bulk(ReplyType::verbatim_string, '=', "txt:");
    default: return any_bulk(ReplyType::bulk_string, '$', "");
  }
}

Value any_value(std::size_t depth);

// An aggregate of `kind`, one of "*~>%|".
Value any_aggregate(ReplyType type, char kind, std::size_t depth) {
  const std::size_t per_count = kind == '%' || kind == '|' ? 2 : 1;
  const std::size_t count = below(5);
  Value value{.type = type, .wire = kind + std::to_string(count) + "\r\n", .text = {}, .children = {}};
  for (std::size_t i = 0; i < count * per_count; ++i) {
    // Attributes of children are in the parent's wire, but not in the child's own.
    if (depth < 4 && below(8) == 0) value.wire += any_aggregate(ReplyType::map, '|', depth + 1).wire;
    value.children.push_back(any_value(depth + 1));
    value.wire += value.children.back().wire;
  }
  return value;
}

Value any_value(std::size_t depth) {
  if (depth >= 4 || below(3) > 0) return any_scalar();
  switch (below(depth == 0 ? 4 : 3)) {
    case 0: return any_aggregate(ReplyType::array, '*', depth);
    case 1: return any_aggregate(ReplyType::set, '~', depth);
    case 2: return any_aggregate(ReplyType::map, '%', depth);
    default: return any_aggregate(ReplyType::push, '>', depth);
  }
}

void require_same(ReplyView view, const Value& value) {
  RC_ASSERT(view.type() == value.type);
  RC_ASSERT(view.wire() == value.wire);
  RC_ASSERT(view.size() == value.children.size());
  if (!view.is_null() && !view.is_aggregate() && value.type != ReplyType::boolean) {
    RC_ASSERT(view.as_string() == value.text);
  }
  auto expected = value.children.begin();
  for (const ReplyView element : view) require_same(element, *expected++);
  RC_ASSERT(expected == value.children.end());
}

TEST(ReplyView, reads_generated_values_in_any_cut_as_they_were_written) {
  const bool held = rc::check("values in a row, read in random chunks, come out as they went in", [] {
    std::vector<Value> values(1 + below(4));
    std::string wire;
    for (Value& value : values) {
      value = any_value(0);
      wire += value.wire;
    }
    resp::InputBuffer input;
    resp::Scanner scanner;
    std::size_t next = 0;
    for (std::string_view rest = wire; !rest.empty();) {
      const std::span<char> space = input.space();
      const std::size_t count = std::min({rest.size(), space.size(), 1 + below(50)});
      std::memcpy(space.data(), rest.data(), count);
      input.commit(count);
      rest.remove_prefix(count);
      while (!input.data().empty() && scanner.scan(input.data()) == resp::ScanStatus::complete) {
        RC_ASSERT(next < values.size());
        require_same(ReplyView(input.data().substr(0, scanner.length())), values[next++]);
        input.consume(scanner.length());
        scanner.reset();
      }
      RC_ASSERT(scanner.error().empty());
    }
    RC_ASSERT(next == values.size());
    RC_ASSERT(input.data().empty());
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace meridian
