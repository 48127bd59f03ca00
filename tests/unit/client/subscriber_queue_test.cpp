// What a subscriber's queue keeps, and what it lets go of.
#include "client/subscriber_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace meridian::client {
namespace {

using Fit = SubscriberQueue::Fit;

constexpr std::size_t plenty = 1 << 20;

Message message(std::string payload) { return {.channel = "c", .payload = std::move(payload)}; }

std::vector<std::string> everything(SubscriberQueue& queue) {
  std::vector<std::string> texts;
  while (const auto event = queue.pop()) {
    if (const auto* one = std::get_if<Message>(&*event)) texts.push_back(one->payload);
    else if (const auto* moved = std::get_if<SubscriptionMoved>(&*event)) texts.push_back("to " + moved->to);
    else texts.push_back("other");
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST(SubscriberQueue, gives_what_it_was_given_in_order) {
  SubscriberQueue queue(10, plenty, Overflow::drop_oldest);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.push(message("1")), Fit::yes);
  queue.push(SubscriptionMoved{.from = "a", .to = "b"});
  EXPECT_EQ(queue.push(message("2")), Fit::yes);
  queue.push(SubscriptionRefused{});
  EXPECT_EQ(queue.counters().queued, 4U);
  EXPECT_EQ(everything(queue), (Texts{"1", "to b", "2", "other"}));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.counters().received, 2U);
  EXPECT_EQ(queue.counters().delivered, 2U);
  EXPECT_EQ(queue.counters().dropped, 0U);
  EXPECT_EQ(queue.counters().moves, 1U);
}

TEST(SubscriberQueue, drop_oldest_keeps_the_newest) {
  SubscriberQueue queue(2, plenty, Overflow::drop_oldest);
  for (const char* text : {"1", "2"}) EXPECT_EQ(queue.push(message(text)), Fit::yes);
  for (const char* text : {"3", "4"}) EXPECT_EQ(queue.push(message(text)), Fit::dropped);
  EXPECT_EQ(queue.counters().dropped, 2U);
  EXPECT_EQ(everything(queue), (Texts{"3", "4"}));
}

TEST(SubscriberQueue, drop_newest_keeps_the_oldest) {
  SubscriberQueue queue(2, plenty, Overflow::drop_newest);
  for (const char* text : {"1", "2", "3", "4"}) static_cast<void>(queue.push(message(text)));
  EXPECT_EQ(queue.counters().dropped, 2U);
  EXPECT_EQ(everything(queue), (Texts{"1", "2"}));
}

TEST(SubscriberQueue, disconnect_says_that_it_overflows_and_keeps_what_it_has) {
  SubscriberQueue queue(1, plenty, Overflow::disconnect);
  EXPECT_EQ(queue.push(message("1")), Fit::yes);
  EXPECT_EQ(queue.push(message("2")), Fit::overflow);
  EXPECT_EQ(queue.counters().dropped, 1U);
  EXPECT_EQ(everything(queue), Texts{"1"});
}

TEST(SubscriberQueue, bytes_are_bounded_too_and_one_large_message_may_cost_several_small_ones) {
  SubscriberQueue queue(100, 20, Overflow::drop_oldest);
  for (const char* text : {"1", "2", "3"}) EXPECT_EQ(queue.push(message(text)), Fit::yes);  // two bytes each
  const std::string large(15, 'x');
  EXPECT_EQ(queue.push(message(large)), Fit::dropped);
  EXPECT_EQ(queue.counters().dropped, 1U);
  EXPECT_EQ(queue.push(message("4")), Fit::dropped);
  EXPECT_EQ(everything(queue), (Texts{"3", large, "4"}));
}

TEST(SubscriberQueue, a_message_that_is_larger_than_the_queue_costs_nothing_but_itself) {
  SubscriberQueue queue(100, 20, Overflow::drop_oldest);
  EXPECT_EQ(queue.push(message("1")), Fit::yes);
  EXPECT_EQ(queue.push(message(std::string(30, 'x'))), Fit::dropped);
  EXPECT_EQ(queue.counters().dropped, 1U);
  EXPECT_EQ(everything(queue), Texts{"1"});
}

TEST(SubscriberQueue, taking_makes_room) {
  SubscriberQueue queue(2, 4, Overflow::drop_newest);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(queue.push(message("1")), Fit::yes);
    EXPECT_EQ(queue.push(message("2")), Fit::yes);
    EXPECT_EQ(everything(queue).size(), 2U);
  }
}

TEST(SubscriberQueue, a_move_finds_room_at_the_cost_of_messages_and_is_bounded_all_the_same) {
  SubscriberQueue queue(2, plenty, Overflow::drop_newest);
  static_cast<void>(queue.push(message("1")));
  static_cast<void>(queue.push(message("2")));
  queue.push(SubscriptionMoved{.from = {}, .to = "a"});
  EXPECT_EQ(queue.counters().dropped, 1U);
  queue.push(SubscriptionMoved{.from = {}, .to = "b"});
  queue.push(SubscriptionMoved{.from = {}, .to = "c"});
  EXPECT_EQ(queue.counters().dropped, 2U);
  EXPECT_EQ(queue.counters().moves, 3U);
  EXPECT_EQ(everything(queue), (Texts{"to b", "to c"}));
}

TEST(SubscriberQueue, cleared_it_is_as_new_but_for_what_it_has_counted) {
  SubscriberQueue queue(2, 4, Overflow::drop_newest);
  static_cast<void>(queue.push(message("123")));
  queue.clear();
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.push(message("123")), Fit::yes);
  EXPECT_EQ(queue.counters().received, 2U);
}

}  // namespace
}  // namespace meridian::client
