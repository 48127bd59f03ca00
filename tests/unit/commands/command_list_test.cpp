// Lists of commands: what views look at, and for how long.
#include <meridian/detail/command_list.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meridian/commands.hpp>

namespace meridian::detail {
namespace {

// The bytes are gone when the outcome has seen them, as those of a connection are.
template <class AnyOutcome>
void answer(AnyOutcome& outcome, std::string wire) {
  static_cast<Outcome&>(outcome).on_reply(ReplyView(wire));
  wire.assign(wire.size(), '#');
}

std::string bulk(const std::string& text) { return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

TEST(CommandListViews, stay_when_the_reply_is_gone) {
  CommandList list;
  auto& value = list.add_view(cmd::get("a"));
  auto& missing = list.add_view(cmd::get("b"));
  auto& verbatim = list.add_view(cmd::info());
  auto& empty = list.add_view(cmd::get("c"));
  auto& number = list.add_view(cmd::incr("n"));  // no string: as always
  EXPECT_EQ(list.calls().size(), 5U);

  answer(value, bulk("sixteen bytes or"));
  answer(missing, "_\r\n");
  answer(verbatim, "=8\r\ntxt:some\r\n");
  answer(empty, bulk(""));
  answer(number, ":7\r\n");

  EXPECT_EQ(value.take().value(), "sixteen bytes or");
  EXPECT_EQ(missing.take_value(), std::nullopt);
  EXPECT_EQ(verbatim.take_value(), "some");
  EXPECT_EQ(empty.take_value(), "");
  EXPECT_EQ(number.take_value(), 7);
}

TEST(CommandListViews, of_many_sizes_do_not_disturb_each_other) {
  CommandList list;
  std::vector<ListedOutcome<std::optional<std::string_view>>*> outcomes;
  std::vector<std::string> texts;
  for (std::size_t size = 0; size < 200'000; size = size * 3 / 2 + 1) {
    outcomes.push_back(&list.add_view(cmd::get("k")));
    texts.emplace_back(size, static_cast<char>('a' + texts.size() % 26));
  }
  for (int round = 0; round < 3; ++round) {
    static_cast<void>(list.calls());
    for (std::size_t i = 0; i < texts.size(); ++i) answer(*outcomes[i], bulk(texts[i]));
    for (std::size_t i = 0; i < texts.size(); ++i) ASSERT_EQ(outcomes[i]->take_value(), texts[i]);
  }
}

TEST(CommandListViews, use_the_memory_of_the_round_before) {
  CommandList list;
  const char* first = nullptr;
  for (int round = 0; round < 3; ++round) {
    auto& value = list.add_view(cmd::get("a"));
    static_cast<void>(list.calls());
    answer(value, bulk("sixteen bytes or"));
    const char* const text = value.take_value()->data();
    if (first == nullptr) first = text;
    EXPECT_EQ(text, first);
    list.clear();
  }
}

TEST(CommandListViews, stay_when_the_list_is_moved) {
  CommandList list;
  auto& value = list.add_view(cmd::get("a"));
  static_cast<void>(list.calls());
  answer(value, bulk("text"));
  const CommandList moved = std::move(list);
  EXPECT_EQ(value.take_value(), "text");
  EXPECT_EQ(moved.size(), 1U);
}

TEST(CommandListViews, hold_errors_as_other_results_do) {
  CommandList list;
  auto& refused = list.add_view(cmd::get("a"));
  auto& wrong = list.add_view(cmd::get("b"));
  refused.on_error(Error(ErrorCode::timed_out, Delivery::in_doubt, "as the test said"));
  answer(wrong, ":1\r\n");
  EXPECT_EQ(refused.take().error().code(), ErrorCode::timed_out);
  EXPECT_THROW(static_cast<void>(wrong.take_value()), Error);
}

TEST(CommandListViews, obey_a_decoder_of_the_programs_own) {
  CommandList list;
  Command<std::string> shout = cmd::echo("hi");
  shout.decode = [](ReplyView reply) -> Result<std::string> { return std::string(*reply.as_string()) + "!"; };
  Command<std::string> broken = cmd::echo("hi");
  broken.decode = [](ReplyView) -> Result<std::string> { throw std::runtime_error("as the test said"); };
  Command<std::string_view> first = cmd::custom<std::string_view>("ECHO", "hi");
  first.decode = [](ReplyView reply) -> Result<std::string_view> { return reply.as_string()->substr(0, 1); };
  auto& shouted = list.add_view(shout);
  auto& thrown = list.add_view(broken);
  auto& cut = list.add(first);
  for (Outcome* outcome : {static_cast<Outcome*>(&shouted), static_cast<Outcome*>(&thrown)})
    answer(*outcome, bulk("hi"));
  answer(cut, bulk("hi"));
  EXPECT_EQ(shouted.take_value(), "hi!");
  EXPECT_THROW(static_cast<void>(thrown.take_value()), std::runtime_error);
  EXPECT_EQ(cut.take_value(), "h");
}

}  // namespace
}  // namespace meridian::detail
