// The rules PS-1 … PS-4 on real servers.
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "integration/multi_db_fixture.hpp"
#include "support/coroutine.hpp"

namespace meridian::testing {
namespace {

std::vector<std::string> channels(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("channel" + std::to_string(i));
  return names;
}

// The next message; others than messages fail the test.
std::string payload_of_next(Subscriber& subscriber) {
  const auto event = subscriber.next(10s);
  const auto* message = event ? std::get_if<Message>(&*event) : nullptr;
  return message != nullptr ? message->payload : "(no message)";
}

// The next move; other events are passed over.
std::optional<SubscriptionMoved> next_move(Subscriber& subscriber, Duration limit = 20s) {
  const auto end = SteadyClock::now() + limit;
  while (auto event = subscriber.next(end - SteadyClock::now())) {
    if (auto* moved = std::get_if<SubscriptionMoved>(&*event)) return *moved;
  }
  return std::nullopt;
}

class SubscriberOf : public TwoDatabases, public ::testing::WithParamInterface<Protocol> {
 protected:
  [[nodiscard]] MultiDbConfig speaking(Protocol protocol) const {
    MultiDbConfig own = config_that_stays_away();
    for (DatabaseConfig& database : own.databases) database.options.protocol = protocol;
    return own;
  }
};

INSTANTIATE_TEST_SUITE_P(Resp, SubscriberOf, ::testing::Values(Protocol::resp2, Protocol::resp3),
                         [](const auto& p) { return p.param == Protocol::resp2 ? "RESP2" : "RESP3"; });

TEST_P(SubscriberOf, PS_1_channels_patterns_and_shard_channels) {
  MultiDbClient client(speaking(GetParam()));
  Subscriber subscriber = client.subscriber();
  subscriber.subscribe({"news", "weather"});
  subscriber.psubscribe("orders.*");
  subscriber.ssubscribe("shard");
  ASSERT_TRUE(subscriber.wait_until_subscribed(10s));
  EXPECT_EQ(east.command({"PUBLISH", "news", "1"}), ":1\r\n");
  EXPECT_EQ(east.command({"PUBLISH", "orders.eu", "2"}), ":1\r\n");
  EXPECT_EQ(east.command({"SPUBLISH", "shard", "3"}), ":1\r\n");
  const auto first = subscriber.next(10s);
  ASSERT_TRUE(first);
  EXPECT_EQ(std::get<Message>(*first).channel, "news");
  EXPECT_EQ(std::get<Message>(*first).database, "east");
  const auto second = subscriber.next(10s);
  ASSERT_TRUE(second);
  EXPECT_EQ(std::get<Message>(*second).channel, "orders.eu");
  EXPECT_EQ(std::get<Message>(*second).pattern, "orders.*");
  const auto third = subscriber.next(10s);
  ASSERT_TRUE(third);
  EXPECT_EQ(std::get<Message>(*third).kind, ChannelKind::shard);

  subscriber.unsubscribe("news");
  ASSERT_TRUE(until([&] { return east.command({"PUBLISH", "news", "4"}) == ":0\r\n"; }));
  EXPECT_EQ(east.command({"PUBLISH", "weather", "5"}), ":1\r\n");
  EXPECT_EQ(payload_of_next(subscriber), "5");
  EXPECT_FALSE(subscriber.next(10ms));
}

TEST_P(SubscriberOf, PS_3_a_thousand_channels_follow_a_failover_within_500_ms_without_any_traffic) {
  MultiDbClient client(speaking(GetParam()));
  Subscriber subscriber = client.subscriber();
  subscriber.subscribe(channels(1000));
  ASSERT_TRUE(subscriber.wait_until_subscribed(10s));
  EXPECT_EQ(east.command({"PUBLISH", "channel999", "old"}), ":1\r\n");
  EXPECT_EQ(payload_of_next(subscriber), "old");

  const auto killed = SteadyClock::now();
  east.kill();
  const auto moved = next_move(subscriber);
  const Duration took = since(killed);

  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->from, "east");
  EXPECT_EQ(moved->to, "west");
  EXPECT_LE(moved->gap, took);
  EXPECT_LE(took, 500ms * slowness);
  RecordProperty("milliseconds", static_cast<int>(in_ms(took)));
  std::cout << "1000 channels moved " << in_ms(took) << " ms after the kill, gap " << in_ms(moved->gap) << " ms\n";
  EXPECT_EQ(west.command({"PUBLISH", "channel0", "new"}), ":1\r\n");
  EXPECT_EQ(west.command({"PUBLISH", "channel999", "newer"}), ":1\r\n");
  EXPECT_EQ(payload_of_next(subscriber), "new");
  EXPECT_EQ(payload_of_next(subscriber), "newer");
  EXPECT_TRUE(events.wait_for<SubscriptionMoved>([](const SubscriptionMoved& e) { return e.to == "west"; }));
}

TEST_P(SubscriberOf, DET_6_PS_3_a_subscriber_alone_leaves_a_hung_database_an_idle_ping_later) {
  MultiDbConfig quiet = speaking(GetParam());
  quiet.health_check_interval = 1h;
  for (DatabaseConfig& database : quiet.databases) database.options.idle_ping = 500ms;
  MultiDbClient client(quiet);
  Subscriber subscriber = client.subscriber();
  subscriber.subscribe("news");
  ASSERT_TRUE(subscriber.wait_until_subscribed(10s));
  std::this_thread::sleep_for(1200ms);  // PINGs come and go

  const auto stopped = SteadyClock::now();
  east.stop();
  const auto moved = next_move(subscriber);
  const Duration took = since(stopped);

  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->to, "west");
  EXPECT_LE(took, (500ms + 1500ms) * slowness);
  std::cout << "moved " << in_ms(took) << " ms after the stop, with an idle_ping of 500 ms\n";
  EXPECT_EQ(west.command({"PUBLISH", "news", "new"}), ":1\r\n");
  EXPECT_EQ(payload_of_next(subscriber), "new");
  east.resume();
}

TEST_P(SubscriberOf, a_connection_that_the_server_cuts_is_made_again) {
  MultiDbClient client(speaking(GetParam()));
  Subscriber subscriber = client.subscriber();
  subscriber.subscribe("news");
  ASSERT_TRUE(subscriber.wait_until_subscribed(10s));
  ASSERT_EQ(east.command({"CLIENT", "KILL", "TYPE", "pubsub"}), ":1\r\n");
  const auto moved = next_move(subscriber);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->from, "east");
  EXPECT_EQ(moved->to, "east");
  EXPECT_EQ(east.command({"PUBLISH", "news", "again"}), ":1\r\n");
  EXPECT_EQ(payload_of_next(subscriber), "again");
  EXPECT_EQ(active_of(client), "east");
}

TEST_P(SubscriberOf, what_an_ACL_does_not_permit_is_said) {
  ASSERT_EQ(east.command({"ACL", "SETUSER", "reader", "on", ">secret", "+@all", "~*", "resetchannels", "&open*"}),
            "+OK\r\n");
  ClientOptions options;
  options.protocol = GetParam();
  options.user = "reader";
  options.password = "secret";
  Client client(east.uri(), options);
  Subscriber subscriber = client.subscriber();
  subscriber.subscribe({"open1", "closed", "open2"});
  const Result<void> outcome = subscriber.wait_until_subscribed(10s);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::no_permission) << outcome.error().what();
  const auto refused = subscriber.next(10s);
  ASSERT_TRUE(refused);
  EXPECT_EQ(std::get<SubscriptionRefused>(*refused).channel, "closed");
  EXPECT_TRUE(until([&] { return east.command({"PUBLISH", "open2", "x"}) == ":1\r\n"; }));
  EXPECT_EQ(payload_of_next(subscriber), "x");
}

class Subscribers : public TwoDatabases {};

TEST_F(Subscribers, PS_4_with_overlap_a_planned_move_has_next_to_no_gap) {
  MultiDbClient client(config());
  Subscriber subscriber = client.subscriber({.overlap = true});
  subscriber.subscribe(channels(1000));
  ASSERT_TRUE(subscriber.wait_until_subscribed(10s));
  ASSERT_TRUE(until([&] { return west.command({"PUBLISH", "channel999", "unheard"}) == ":1\r\n"; }));
  east.kill();
  ASSERT_TRUE(next_move(subscriber));
  east.restart();
  const auto home = next_move(subscriber);
  ASSERT_TRUE(home);
  EXPECT_EQ(home->to, "east");
  std::cout << "home again, gap " << in_ms(home->gap) << " ms\n";
  ASSERT_TRUE(until([&] { return east.command({"PUBLISH", "channel999", "heard"}) == ":1\r\n"; }));
  EXPECT_EQ(payload_of_next(subscriber), "heard");
}

TEST_F(Subscribers, a_callback_may_call_the_client_and_close_the_subscriber) {
  MultiDbClient client(config());
  std::atomic<int> heard{0};
  std::optional<Subscriber> subscriber;
  subscriber.emplace(client.subscriber({.on_event = [&](const SubscriberEvent& event) {
    if (const auto* message = std::get_if<Message>(&event)) client.set("last", message->payload);
    if (++heard == 3) subscriber->close();
    throw std::runtime_error("nobody minds");
  }}));
  subscriber->subscribe("news");
  ASSERT_TRUE(subscriber->wait_until_subscribed(10s));
  for (const char* text : {"1", "2", "3"}) EXPECT_EQ(east.command({"PUBLISH", "news", text}), ":1\r\n");
  ASSERT_TRUE(until([&] { return heard == 3; }));
  EXPECT_TRUE(until([&] { return east.command({"PUBLISH", "news", "4"}) == ":0\r\n"; }));
  subscriber.reset();
  EXPECT_EQ(heard, 3);
  EXPECT_EQ(client.get("last"), "3");
}

TEST_F(Subscribers, a_callback_may_destroy_the_subscriber_and_the_client) {
  const Holdings before = holdings();
  auto client = std::make_shared<MultiDbClient>(config());
  auto subscriber = std::make_shared<std::optional<Subscriber>>();
  std::promise<void> gone;
  subscriber->emplace(client->subscriber({.on_event = [&](const SubscriberEvent&) {
    subscriber->reset();
    client.reset();
    gone.set_value();
  }}));
  (*subscriber)->subscribe("news");
  ASSERT_TRUE((*subscriber)->wait_until_subscribed(10s));
  ASSERT_EQ(east.command({"PUBLISH", "news", "1"}), ":1\r\n");
  ASSERT_EQ(gone.get_future().wait_for(10s), std::future_status::ready);
  expect_holdings_return_to(before);
}

TEST_F(Subscribers, I9_both_orders_of_destruction_leave_nothing_behind) {
  const Holdings before = holdings();
  {
    std::optional<MultiDbClient> client(config());
    Subscriber survivor = client->subscriber();
    {
      Subscriber first = client->subscriber({.overlap = true});
      first.subscribe(channels(10));
      survivor.subscribe("news");
      ASSERT_TRUE(first.wait_until_subscribed(10s));
    }
    ASSERT_TRUE(survivor.wait_until_subscribed(10s));
    client.reset();
    EXPECT_TRUE(survivor.why_closed());
    survivor.subscribe("more");
  }
  expect_holdings_return_to(before);
}

TEST_F(Subscribers, coroutines_await_events_and_a_switch_between_them) {
  AsyncMultiDbClient client(config_that_stays_away());
  Subscriber subscriber = client.subscriber();
  subscriber.subscribe("news");
  ASSERT_TRUE(subscriber.wait_until_subscribed(10s));
  std::vector<std::string> heard;
  std::atomic<bool> first_came{false};
  std::future<void> over = start([&]() -> Task {
    while (auto event = co_await subscriber.async_next()) {
      if (const auto* message = std::get_if<Message>(&*event)) heard.push_back(message->payload);
      first_came = true;
      if (std::holds_alternative<SubscriptionMoved>(*event)) {
        heard.emplace_back("moved");
        co_await client.publish("news", "from inside");
      }
      if (heard.size() == 3) subscriber.close();
    }
  });
  EXPECT_EQ(east.command({"PUBLISH", "news", "1"}), ":1\r\n");
  // The publisher's answer may leave the server before the message does.
  ASSERT_TRUE(until([&] { return first_came.load(); }));
  east.kill();
  ASSERT_EQ(over.wait_for(20s), std::future_status::ready);
  over.get();
  EXPECT_EQ(heard, (std::vector<std::string>{"1", "moved", "from inside"}));
}

TEST_F(Subscribers, many_threads_subscribe_publish_and_take_at_once) {
  MultiDbClient client(config());
  constexpr int threads = 4;
  constexpr int rounds = 200;
  Subscriber shared = client.subscriber();
  std::atomic<int> taken{0};
  std::atomic<bool> over{false};
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&, i] {
      const std::string own = "own" + std::to_string(i);
      for (int round = 0; round < rounds; ++round) {
        shared.subscribe({own, "common"});
        client.publish("common", "x");
        if (round % 3 == 0) shared.unsubscribe(own);
        if (shared.try_next()) ++taken;
        Subscriber brief = client.subscriber();
        brief.subscribe(own);
      }
    });
  }
  std::atomic<bool> has_last{false};
  std::thread waiter([&] {
    while (!over) {
      const std::optional<SubscriberEvent> event = shared.next(50ms);
      if (!event) continue;
      ++taken;
      const auto* message = std::get_if<Message>(&*event);
      if (message != nullptr && message->payload == "last") has_last = true;
    }
  });
  for (std::thread& thread : all) thread.join();
  ASSERT_TRUE(shared.wait_until_subscribed(10s));
  EXPECT_EQ(east.command({"PUBLISH", "common", "last"}), ":1\r\n");
  EXPECT_TRUE(until([&] { return has_last.load(); }));
  over = true;
  waiter.join();
  EXPECT_GT(taken, 0);
  EXPECT_EQ(shared.counters().received, shared.counters().delivered);
  EXPECT_EQ(shared.counters().dropped, 0U);
}

}  // namespace
}  // namespace meridian::testing
