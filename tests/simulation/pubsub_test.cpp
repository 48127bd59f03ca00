// The rules PS-1 … PS-4 over the whole client, to the millisecond.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <meridian/client.hpp>

#include "client/single_engine.hpp"
#include "simulation/rules_fixture.hpp"

namespace meridian::simulation {
namespace {

// "x: hi" for a message of the channel, "x (x*): hi" for one that came by a pattern, "east > west", "refused x".
std::string text_of(const SubscriberEvent& event) {
  if (const auto* message = std::get_if<Message>(&event)) {
    const std::string by = message->pattern.empty() ? "" : " (" + message->pattern + ")";
    return message->channel + by + ": " + message->payload;
  }
  if (const auto* moved = std::get_if<SubscriptionMoved>(&event)) return moved->from + " > " + moved->to;
  if (const auto* refused = std::get_if<SubscriptionRefused>(&event)) return "refused " + refused->channel;
  return "ended";
}

using Texts = std::vector<std::string>;

Texts taken(Subscriber& subscriber) {
  Texts texts;
  while (const auto event = subscriber.try_next()) texts.push_back(text_of(*event));
  return texts;
}

template <class T>
std::vector<T> only(const std::vector<SubscriberEvent>& events) {
  std::vector<T> found;
  for (const SubscriberEvent& event : events) {
    if (const T* one = std::get_if<T>(&event)) found.push_back(*one);
  }
  return found;
}

std::vector<SubscriberEvent> all_of(Subscriber& subscriber) {
  std::vector<SubscriberEvent> events;
  while (auto event = subscriber.try_next()) events.push_back(*std::move(event));
  return events;
}

std::vector<std::string> channels(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("channel" + std::to_string(i));
  return names;
}

class PubSub : public Rules {
 protected:
  void SetUp() override { add_servers({"east", "west"}); }

  // Runs until an event of type `T` comes; how long that took, or nothing. What comes before it is dropped.
  template <class T>
  std::optional<Duration> time_until(Subscriber& subscriber, Duration limit) {
    const TimePoint began = world_.now();
    while (auto event = subscriber.next(began + limit - world_.now())) {
      if (!std::holds_alternative<T>(*event)) continue;
      last_ = std::move(*event);
      return world_.now() - began;
    }
    return std::nullopt;
  }
  void publish(std::string_view where, std::string_view channel, std::string_view payload) {
    server(where).publish(channel, payload);
    world_.run_for(5ms);
  }

  std::optional<SubscriberEvent> last_;
};

class PubSubInBothProtocols : public PubSub, public testing::WithParamInterface<Protocol> {
 protected:
  void SetUp() override {
    PubSub::SetUp();
    for (DatabaseConfig& database : config_.databases) database.options.protocol = GetParam();
  }
};

INSTANTIATE_TEST_SUITE_P(Resp, PubSubInBothProtocols, testing::Values(Protocol::resp2, Protocol::resp3),
                         [](const auto& p) { return p.param == Protocol::resp2 ? "RESP2" : "RESP3"; });

// --- PS-1 ------------------------------------------------------------------------------------------------------------

TEST_P(PubSubInBothProtocols, PS_1_channels_patterns_and_shard_channels_arrive_in_order) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe({"x", "y"});
  subscriber.psubscribe("z*");
  subscriber.ssubscribe("shard");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  publish("east", "x", "1");
  publish("east", "y", "2");
  publish("east", "zebra", "3");
  ASSERT_TRUE(execute(Request("SPUBLISH", detail::accumulate, "shard", "4")));
  world_.run_for(5ms);
  publish("east", "nobody", "5");
  publish("west", "x", "6");
  EXPECT_EQ(taken(subscriber), (Texts{"x: 1", "y: 2", "zebra (z*): 3", "shard: 4"}));
  EXPECT_EQ(subscriber.counters().received, 4U);
  EXPECT_EQ(subscriber.counters().delivered, 4U);
}

TEST_P(PubSubInBothProtocols, PS_2_I8_a_server_that_is_busy_refuses_no_channel_for_ever) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  server("east").set_mode(Mode::busy);
  subscriber.subscribe({"x", "y"});
  world_.run_for(100ms);
  server("east").set_mode(Mode::normal);
  EXPECT_TRUE(subscriber.wait_until_subscribed(2s));
  EXPECT_EQ(server("east").subscribed(), (std::multiset<std::string>{"x", "y"}));
}

TEST_P(PubSubInBothProtocols, PS_1_a_message_says_where_it_came_from) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.psubscribe("x*");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  publish("east", "xy", std::string("a\r\nb\0c", 6));
  const auto event = subscriber.try_next();
  ASSERT_TRUE(event);
  const Message& message = std::get<Message>(*event);
  EXPECT_EQ(message.kind, ChannelKind::pattern);
  EXPECT_EQ(message.pattern, "x*");
  EXPECT_EQ(message.channel, "xy");
  EXPECT_EQ(message.payload, std::string("a\r\nb\0c", 6));
  EXPECT_EQ(message.database, "east");
  EXPECT_EQ(message.epoch, engine_->published_epoch());
}

TEST_P(PubSubInBothProtocols, an_idle_subscriber_stays_connected) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  const auto before = world_.network().connections_made();
  world_.run_for(5min);  // with a PING now and then
  publish("east", "x", "1");
  EXPECT_EQ(taken(subscriber), Texts{"x: 1"});
  EXPECT_EQ(world_.network().connections_made(), before);
}

TEST_P(PubSubInBothProtocols, PS_1_trap_14_subscribers_do_not_know_of_each_other) {
  ASSERT_FALSE(start());
  Subscriber one = client().subscriber();
  Subscriber other = client().subscriber();
  one.subscribe({"x", "y"});
  other.subscribe("x");
  ASSERT_TRUE(one.wait_until_subscribed(1s));
  ASSERT_TRUE(other.wait_until_subscribed(1s));
  other.unsubscribe("x");
  one.close();
  other.subscribe("y");
  ASSERT_TRUE(other.wait_until_subscribed(1s));
  publish("east", "y", "1");
  EXPECT_TRUE(taken(one).empty());
  EXPECT_EQ(taken(other), Texts{"y: 1"});
  EXPECT_EQ(server("east").subscribed(), std::multiset<std::string>{"y"});
}

TEST_P(PubSubInBothProtocols, wishes_may_change_faster_than_the_server_answers) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  for (int i = 0; i < 10; ++i) {
    subscriber.subscribe({"kept", "dropped"});
    subscriber.unsubscribe({"kept", "dropped"});
  }
  subscriber.subscribe("kept");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  for (int i = 0; i < 10; ++i) {
    subscriber.unsubscribe("kept");
    subscriber.subscribe({"kept", "dropped"});
    subscriber.unsubscribe("dropped");
  }
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  world_.run_for(100ms);
  EXPECT_EQ(server("east").subscribed(), std::multiset<std::string>{"kept"});
  publish("east", "kept", "1");
  publish("east", "dropped", "2");
  EXPECT_EQ(taken(subscriber), Texts{"kept: 1"});
}

TEST_P(PubSubInBothProtocols, a_subscriber_without_wishes_needs_no_connection_and_ends_well) {
  ASSERT_FALSE(start());
  world_.run_for(1s);
  const auto before = world_.network().open_streams();
  Subscriber subscriber = client().subscriber();
  EXPECT_TRUE(subscriber.wait_until_subscribed(0s));
  world_.run_for(1s);
  EXPECT_EQ(world_.network().open_streams(), before);
  subscriber.subscribe(std::vector<std::string>{});
  subscriber.unsubscribe("never");
  EXPECT_EQ(world_.network().open_streams(), before);
}

TEST_P(PubSubInBothProtocols, what_is_not_permitted_is_said_and_costs_the_others_nothing) {
  server("east").deny_channel("channel3");
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe(channels(20));
  const Result<void> outcome = subscriber.wait_until_subscribed(1s);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::no_permission);
  world_.run_for(100ms);
  EXPECT_EQ(server("east").subscribed().size(), 19U);
  EXPECT_EQ(taken(subscriber), Texts{"refused channel3"});
  subscriber.unsubscribe("channel3");
  EXPECT_TRUE(subscriber.wait_until_subscribed(1s));
  publish("east", "channel4", "1");
  EXPECT_EQ(taken(subscriber), Texts{"channel4: 1"});
}

// --- PS-2 ------------------------------------------------------------------------------------------------------------

TEST_P(PubSubInBothProtocols, PS_2_a_switch_moves_every_subscription_and_says_for_how_long_it_was_deaf) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  subscriber.psubscribe("y*");
  subscriber.ssubscribe("z");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  publish("east", "x", "old");
  const TimePoint killed = world_.now();
  server("east").kill();
  const auto took = time_until<SubscriptionMoved>(subscriber, 2s);
  ASSERT_TRUE(took);
  const auto& moved = std::get<SubscriptionMoved>(*last_);
  EXPECT_EQ(moved.from, "east");
  EXPECT_EQ(moved.to, "west");
  EXPECT_EQ(moved.epoch, engine_->published_epoch());
  EXPECT_LE(moved.gap, world_.now() - killed);
  EXPECT_GE(moved.gap, world_.now() - killed - 2ms) << "the end of the connection was heard one latency later";
  EXPECT_EQ(server("west").subscribed(), (std::multiset<std::string>{"x", "y*", "z"}));
  publish("west", "x", "new");
  EXPECT_EQ(taken(subscriber), Texts{"x: new"});
  EXPECT_EQ(subscriber.counters().moves, 1U);
  const auto told = events_of<SubscriptionMoved>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].gap, moved.gap);
}

TEST_P(PubSubInBothProtocols, PS_2_no_message_of_one_database_comes_twice_nor_behind_the_move) {
  config_.databases[0].grace_period = 2s;
  for (DatabaseConfig& database : config_.databases) database.options.idle_ping = 300ms;
  config_.auto_fallback_interval = 1s;
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  // Both databases carry numbered messages all the time, while the client goes away and comes home.
  for (int i = 0; i < 10'000; ++i) {
    world_.after(i * 1ms, [this, i] {
      for (const char* name : {"east", "west"}) server(name).publish("x", std::to_string(i));
    });
  }
  world_.after(1s, [&] { server("east").hang(); });
  world_.after(4s, [&] { server("east").resume(); });
  world_.run_for(10s);

  const std::vector<SubscriberEvent> events = all_of(subscriber);
  const auto moves = only<SubscriptionMoved>(events);
  ASSERT_EQ(moves.size(), 2U);
  EXPECT_LE(moves[1].gap, 20ms) << "a planned move costs a handshake and no more";
  std::string from = "east";
  std::set<std::string> seen;
  int last = -1;
  for (const SubscriberEvent& event : events) {
    if (const auto* moved = std::get_if<SubscriptionMoved>(&event)) {
      EXPECT_EQ(moved->from, from);
      from = moved->to;
      continue;
    }
    const Message& message = std::get<Message>(event);
    EXPECT_EQ(message.database, from);
    EXPECT_TRUE(seen.insert(message.database + message.payload).second) << message.payload << " came twice";
    EXPECT_GT(std::stoi(message.payload), last);
    last = std::stoi(message.payload);
  }
  EXPECT_GE(seen.size(), 7000U);
}

TEST_P(PubSubInBothProtocols, a_lost_connection_is_made_again_and_that_is_a_move_to_the_same_database) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe(channels(5));
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  server("east").link().reset_all();
  const auto took = time_until<SubscriptionMoved>(subscriber, 2s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 50ms);
  EXPECT_EQ(text_of(*last_), "east > east");
  EXPECT_TRUE(subscriber.wait_until_subscribed(0s));
  publish("east", "channel4", "1");
  EXPECT_EQ(taken(subscriber), Texts{"channel4: 1"});
  EXPECT_TRUE(events_of<ActiveDatabaseChanged>().empty());
}

TEST_P(PubSubInBothProtocols, Row_31_a_subscriber_that_is_cut_off_again_and_again_comes_back_without_a_switch) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  for (int i = 0; i < 20; ++i) {
    server("east").close_clients();
    ASSERT_TRUE(time_until<SubscriptionMoved>(subscriber, 20s));
    world_.run_for(1s);
  }
  EXPECT_TRUE(events_of<CircuitStateChanged>().empty());
  EXPECT_EQ(active(), "east");
}

TEST_F(PubSub, a_subscription_made_while_nothing_is_usable_is_there_when_something_is) {
  ASSERT_FALSE(start());
  server("east").kill();
  server("west").kill();
  world_.run_for(3s);
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  const Result<void> early = subscriber.wait_until_subscribed(1s);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code(), ErrorCode::timed_out);
  server("west").restart();
  EXPECT_TRUE(subscriber.wait_until_subscribed(2s));
  publish("west", "x", "1");
  EXPECT_EQ(taken(subscriber), Texts{"x: 1"}) << "there was nothing to move";
}

TEST_F(PubSub, a_way_over_a_database_that_never_confirmed_is_one_move) {
  add_servers({"south"});
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  server("west").misbehave(Misbehaviour::missing, 100, "SUBSCRIBE");
  server("east").kill();
  ASSERT_TRUE(time_until_active("west", 1s));
  world_.run_for(100ms);
  server("west").kill();
  ASSERT_TRUE(time_until<SubscriptionMoved>(subscriber, 2s));
  EXPECT_EQ(text_of(*last_), "east > south");
  EXPECT_TRUE(taken(subscriber).empty());
}

TEST_F(PubSub, Row_35_a_confirmation_of_something_else_ends_the_connection) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  server("east").misbehave(Misbehaviour::swapped, 1, "SUBSCRIBE");
  subscriber.subscribe("x");
  subscriber.psubscribe("y");
  EXPECT_TRUE(subscriber.wait_until_subscribed(2s));
  EXPECT_EQ(server("east").subscribed(), (std::multiset<std::string>{"x", "y"}));
}

TEST_F(PubSub, messages_that_come_before_the_last_confirmation_stand_behind_the_move) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe(channels(600));  // two requests
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  server("east").set_processing_time(20ms);
  server("east").link().reset_all();
  ASSERT_TRUE(world_.run_until([&] { return !server("east").subscribed().empty(); }, 2s));
  for (const std::string& name : channels(600)) server("east").publish(name, "early");
  ASSERT_TRUE(time_until<SubscriptionMoved>(subscriber, 2s));
  EXPECT_FALSE(taken(subscriber).empty());
}

// --- PS-3, DET-6 -----------------------------------------------------------------------------------------------------

TEST_P(PubSubInBothProtocols, PS_3_a_subscriber_alone_leaves_a_killed_database_within_250_ms) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  world_.run_for(1min);
  server("east").kill();
  const auto took = time_until<SubscriptionMoved>(subscriber, 10s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 250ms);
}

TEST_P(PubSubInBothProtocols, PS_3_DET_6_a_subscriber_alone_leaves_a_hung_database_an_idle_ping_later) {
  // given nothing else that would notice
  config_.health_check_interval = 1h;
  for (DatabaseConfig& database : config_.databases) database.options.idle_ping = 2s;
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  world_.run_for(1min);
  const TimePoint hung = world_.now();
  server("east").hang();
  const auto took = time_until<SubscriptionMoved>(subscriber, 20s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 2s + 1500ms);
  const auto& moved = std::get<SubscriptionMoved>(*last_);
  EXPECT_GE(moved.gap, world_.now() - hung - 2ms) << "good when it was last heard, which was before";
  EXPECT_LE(moved.gap, world_.now() - hung + 2s);
}

TEST_P(PubSubInBothProtocols, PS_3_a_thousand_channels_are_there_again_within_500_ms) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe(channels(1000));
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  server("east").kill();
  const auto took = time_until<SubscriptionMoved>(subscriber, 2s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 500ms);
  EXPECT_EQ(server("west").subscribed().size(), 1000U);
}

TEST_F(PubSub, DET_5_a_server_that_does_not_confirm_is_noticed_without_an_idle_ping) {
  config_.health_check_interval = 1h;
  ASSERT_FALSE(start());
  world_.run_for(100ms);
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  server("east").hang();
  subscriber.subscribe("y");
  const auto took = time_until<SubscriptionMoved>(subscriber, 10s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 1500ms);
}

// --- PS-4 ------------------------------------------------------------------------------------------------------------

TEST_P(PubSubInBothProtocols, PS_4_with_overlap_only_the_active_one_is_heard_and_the_switch_is_the_whole_gap) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber({.overlap = true});
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  world_.run_for(100ms);
  EXPECT_EQ(server("west").subscribed(), std::multiset<std::string>{"x"});
  publish("east", "x", "east");
  publish("west", "x", "west");
  EXPECT_EQ(taken(subscriber), Texts{"x: east"});
  server("east").kill();
  ASSERT_TRUE(time_until_active("west", 1s));
  publish("west", "x", "west");
  EXPECT_EQ(taken(subscriber), (Texts{"east > west", "x: west"}));
  subscriber.subscribe("y");
  subscriber.unsubscribe("x");
  server("east").restart();
  world_.run_for(10s);
  EXPECT_EQ(server("east").subscribed(), std::multiset<std::string>{"y"}) << "it stands by again";
  EXPECT_EQ(server("west").subscribed(), std::multiset<std::string>{"y"});
}

TEST_F(PubSub, PS_4_trouble_of_a_database_that_stands_by_is_nobodys_move) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber({.overlap = true});
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  server("west").kill();
  world_.run_for(10s);
  server("west").restart();
  world_.run_for(10s);
  EXPECT_TRUE(taken(subscriber).empty());
  EXPECT_EQ(server("west").subscribed(), std::multiset<std::string>{"x"});
}

// --- Receiving -------------------------------------------------------------------------------------------------------

TEST_F(PubSub, next_waits_as_long_as_it_is_told_and_no_longer) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  const TimePoint began = world_.now();
  EXPECT_FALSE(subscriber.next(50ms));
  EXPECT_EQ(world_.now() - began, 50ms);
  world_.after(10ms, [&] { server("east").publish("x", "1"); });
  const auto event = subscriber.next(Duration::max());
  ASSERT_TRUE(event);
  EXPECT_EQ(text_of(*event), "x: 1");
  EXPECT_EQ(world_.now() - began, 50ms + 10ms + 1ms);
}

TEST_F(PubSub, a_callback_hears_everything_in_order_and_may_do_what_it_likes) {
  ASSERT_FALSE(start());
  Texts heard;
  Subscriber* self = nullptr;
  Subscriber subscriber = client().subscriber({.on_event = [&](const SubscriberEvent& event) {
    heard.push_back(text_of(event));
    if (heard.size() == 1) {
      client().set("from", "inside");
      self->subscribe("y");
    }
    if (heard.size() == 2) throw std::runtime_error("its own affair");
    if (heard.size() == 5) self->close();
  }});
  self = &subscriber;
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  publish("east", "x", "1");
  world_.run_for(100ms);
  publish("east", "y", "2");
  for (int i = 3; i <= 7; ++i) publish("east", "x", std::to_string(i));
  EXPECT_EQ(heard, (Texts{"x: 1", "y: 2", "x: 3", "x: 4", "x: 5"}));
  EXPECT_EQ(client().get("from"), "inside");
  EXPECT_FALSE(subscriber.next(1s)) << "nothing is left beside a callback";
}

TEST_F(PubSub, a_queue_that_overflows_ends_the_subscriber_if_it_is_told_so) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber({.max_queued = 3, .overflow = Overflow::disconnect});
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  for (int i = 0; i < 10; ++i) publish("east", "x", std::to_string(i));
  ASSERT_TRUE(subscriber.why_closed());
  EXPECT_EQ(subscriber.why_closed()->code(), ErrorCode::queue_full);
  EXPECT_TRUE(server("east").subscribed().empty());
  EXPECT_EQ(taken(subscriber).back(), "ended");
  EXPECT_FALSE(subscriber.next(1s));
}

TEST_F(PubSub, a_queue_that_overflows_keeps_the_newest_messages_and_every_move) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber({.max_queued = 3});
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  for (int i = 0; i < 5; ++i) publish("east", "x", std::to_string(i));
  server("east").link().reset_all();
  world_.run_for(1s);
  for (int i = 5; i < 7; ++i) publish("east", "x", std::to_string(i));
  EXPECT_EQ(taken(subscriber), (Texts{"east > east", "x: 5", "x: 6"}));
  EXPECT_EQ(subscriber.counters().received, 7U);
  EXPECT_EQ(subscriber.counters().dropped, 5U);
  EXPECT_EQ(subscriber.counters().delivered, 2U);
}

// --- The end ---------------------------------------------------------------------------------------------------------

TEST_F(PubSub, closing_the_client_ends_its_subscribers_with_what_they_have) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  ASSERT_TRUE(subscriber.wait_until_subscribed(1s));
  publish("east", "x", "1");
  client().close();
  EXPECT_EQ(taken(subscriber), (Texts{"x: 1", "ended"}));
  ASSERT_TRUE(subscriber.why_closed());
  EXPECT_EQ(subscriber.why_closed()->code(), ErrorCode::closed);
  EXPECT_FALSE(subscriber.next(Duration::max()));
  EXPECT_FALSE(subscriber.wait_until_subscribed(Duration::max()));
  subscriber.subscribe("y");
  Subscriber late = client().subscriber();
  late.subscribe("x");
  ASSERT_TRUE(late.why_closed());
}

TEST_F(PubSub, a_subscriber_may_outlive_its_client) {
  ASSERT_FALSE(start());
  std::optional<Subscriber> subscriber(client().subscriber());
  subscriber->subscribe("x");
  ASSERT_TRUE(subscriber->wait_until_subscribed(1s));
  client_.reset();
  world_.run_for(100ms);
  EXPECT_TRUE(server("east").subscribed().empty());
  EXPECT_EQ(taken(*subscriber), Texts{"ended"});
  subscriber.reset();
}

TEST_F(PubSub, close_wakes_those_who_wait) {
  ASSERT_FALSE(start());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  world_.after(10ms, [&] { subscriber.close(); });
  EXPECT_FALSE(subscriber.next(Duration::max()));
  EXPECT_FALSE(subscriber.wait_until_subscribed(Duration::max()));
  world_.run_for(10ms);
  EXPECT_TRUE(server("east").subscribed().empty());
}

TEST_F(PubSub, a_bound_of_nothing_is_refused) {
  ASSERT_FALSE(start());
  EXPECT_THROW(static_cast<void>(client().subscriber({.max_queued = 0})), Error);
  EXPECT_THROW(static_cast<void>(client().subscriber({.max_queued_bytes = 0})), Error);
}

// --- A client of one database ----------------------------------------------------------------------------------------

// Each refusal is looked into, and what is found, that the database is well, is no reason to try again at once.
TEST_F(PubSub, Row_27_a_refused_subscriber_waits_although_each_refusal_is_looked_into) {
  for (DatabaseConfig& database : config_.databases) {
    database.options.reconnect = {.kind = Backoff::Kind::constant, .base = 5s, .cap = 5s, .full_jitter = false};
  }
  ASSERT_FALSE(start());
  world_.run_for(1s);
  server("east").set_max_clients(server("east").clients());
  Subscriber subscriber = client().subscriber();
  subscriber.subscribe("x");
  const auto before = world_.network().connections_made();
  world_.run_for(5s);
  EXPECT_LE(world_.network().connections_made() - before, 40U);
  EXPECT_EQ(active(), "east");
}

TEST(PubSubOfOneDatabase, subscribes_before_the_server_is_there_and_again_when_it_was_away) {
  SimulatedWorld world(7);
  FakeServer& server = world.add_server("only");
  server.kill();
  auto engine = std::make_shared<client::SingleEngine>(world.io(), *parse_uri(server.uri()));
  {
    Client client(engine);
    Subscriber subscriber = client.subscriber();
    subscriber.subscribe("x");
    world.run_for(1s);
    server.restart();
    ASSERT_TRUE(subscriber.wait_until_subscribed(6s));
    server.publish("x", "1");
    world.run_for(10ms);
    server.kill();
    world.run_for(1s);
    server.restart();
    ASSERT_TRUE(subscriber.wait_until_subscribed(6s));
    server.publish("x", "2");
    world.run_for(10ms);
    EXPECT_EQ(taken(subscriber), (Texts{"x: 1", "only.sim:6379 > only.sim:6379", "x: 2"}));
  }
  world.run_for(1s);
  engine.reset();
  EXPECT_EQ(world.network().open_streams(), 0U);
}

// A reviewer's find: each blocking command that ended opened the lost connection of a subscriber at once.
TEST(PubSubOfOneDatabase, Row_27_a_refused_subscriber_waits_whatever_other_connections_do) {
  SimulatedWorld world(7);
  FakeServer& server = world.add_server("only");
  Target target = *parse_uri(server.uri());
  target.options.reconnect = {.kind = Backoff::Kind::constant, .base = 5s, .cap = 5s, .full_jitter = false};
  auto engine = std::make_shared<client::SingleEngine>(world.io(), target);
  {
    Client client(engine);
    EXPECT_EQ(client.blpop("queue", 10ms), std::nullopt);
    server.set_max_clients(server.clients());
    Subscriber subscriber = client.subscriber();
    subscriber.subscribe("x");
    const auto before = world.network().connections_made();
    for (int i = 0; i < 500; ++i) EXPECT_EQ(client.blpop("queue", 10ms), std::nullopt);  // five seconds
    EXPECT_LE(world.network().connections_made() - before, 2U);
    server.set_max_clients(10);
    EXPECT_TRUE(subscriber.wait_until_subscribed(6s));
  }
  world.run_for(1s);
  engine.reset();
  EXPECT_EQ(world.network().open_streams(), 0U);
}

}  // namespace
}  // namespace meridian::simulation
