// CMD-4 over the whole client: blocking commands, with failovers in the middle of them.
#include <stop_token>
#include <utility>

#include "simulation/rules_fixture.hpp"

namespace meridian::simulation {
namespace {

using Popped = std::optional<std::pair<std::string, std::string>>;

class Blocking : public Rules {
 protected:
  void SetUp() override { add_servers({"east", "west"}); }

  // What becomes of a call, which may take longer than its test.
  template <class T>
  class Begun {
   public:
    void end(Result<T> result) const { *outcome_ = std::move(result); }
    [[nodiscard]] bool has_value() const { return outcome_->has_value(); }
    [[nodiscard]] const Result<T>& operator*() const { return **outcome_; }
    [[nodiscard]] const Result<T>* operator->() const { return &**outcome_; }

   private:
    std::shared_ptr<std::optional<Result<T>>> outcome_ = std::make_shared<std::optional<Result<T>>>();
  };
  template <class T>
  [[nodiscard]] Begun<T> begin(Command<T> command, const CallOptions& options = {}) {
    Begun<T> begun;
    detail::submit(*engine_, std::move(command), options,
                   [begun](detail::TypedOutcome<T>& over) { begun.end(over.take()); });
    return begun;
  }

  [[nodiscard]] Duration time_until(const std::function<bool()>& condition, Duration limit) {
    const TimePoint began = world_.now();
    EXPECT_TRUE(world_.run_until(condition, limit));
    return world_.now() - began;
  }
};

TEST_F(Blocking, CMD_4_its_own_timeout_is_no_failure) {
  config_.consecutive_failures = 1;
  ASSERT_FALSE(start());
  for (int i = 0; i < 5; ++i) {
    const TimePoint asked = world_.now();
    const auto popped = client().execute(cmd::blpop("queue", 10s));
    ASSERT_TRUE(popped) << popped.error().what();
    EXPECT_EQ(*popped, std::nullopt);
    EXPECT_GE(world_.now() - asked, 10s);
    EXPECT_LE(world_.now() - asked, 10s + 20ms);
  }
  EXPECT_EQ(active(), "east");
  EXPECT_TRUE(events_of<CircuitStateChanged>().empty());
  EXPECT_TRUE(events_of<CommandsFailed>().empty());
}

TEST_F(Blocking, CMD_4_is_woken_by_a_push_and_disturbs_nobody_meanwhile) {
  ASSERT_FALSE(start());
  const auto popped = begin(cmd::blpop({"a", "b"}, 10s));
  world_.run_for(1s);
  const TimePoint asked = world_.now();
  client().rpush("b", "element");
  EXPECT_LE(world_.now() - asked, 3ms);
  ASSERT_TRUE(world_.run_until([&] { return popped.has_value(); }, 1s));
  EXPECT_EQ(popped->value(), (std::pair<std::string, std::string>("b", "element")));
  EXPECT_EQ(server("east").data().list_length("b"), 0U);
}

TEST_F(Blocking, CMD_4_a_failover_in_the_middle_of_a_pop_ends_it_in_doubt) {
  ASSERT_FALSE(start());
  const auto popped = begin(cmd::blpop("queue", 1min));
  world_.run_for(2s);
  server("east").kill();
  EXPECT_LE(time_until([&] { return popped.has_value(); }, 5s), 100ms);
  ASSERT_FALSE(*popped);
  EXPECT_EQ(popped->error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(popped->error().database(), "east");
  EXPECT_TRUE(time_until_active("west", 5s));
}

TEST_F(Blocking, CMD_4_a_silent_server_ends_a_pop_that_waits_for_ever) {
  ASSERT_FALSE(start());
  const auto popped = begin(cmd::blpop("queue", 0s));
  world_.run_for(1h);
  EXPECT_FALSE(popped.has_value());  // it has no deadline
  EXPECT_EQ(server("east").blocked(), 1U);
  server("east").hang();
  // DET-6: the standing check connection pings, whatever the others wait for.
  EXPECT_LE(time_until([&] { return popped.has_value(); }, 1min), 5s + 1500ms);
  EXPECT_EQ(popped->error().delivery(), Delivery::in_doubt);
  EXPECT_TRUE(time_until_active("west", 1s));
  server("east").resume();
  world_.run_for(1s);
  EXPECT_EQ(server("east").blocked(), 0U);
}

TEST_F(Blocking, CMD_4_accumulate_issues_a_pop_again_with_the_time_that_is_left) {
  config_.repeat_up_to = Repeat::accumulate;
  ASSERT_FALSE(start());
  const TimePoint asked = world_.now();
  const auto popped = begin(cmd::blpop("queue", 10s));
  world_.run_for(4s);
  server("east").kill();
  ASSERT_TRUE(time_until_active("west", 5s));
  EXPECT_LE(time_until([&] { return server("west").blocked() == 1; }, 5s), 1100ms);
  ASSERT_TRUE(world_.run_until([&] { return popped.has_value(); }, 1min));
  ASSERT_TRUE(*popped) << popped->error().what();
  EXPECT_EQ(**popped, std::nullopt);
  EXPECT_GE(world_.now() - asked, 10s - 10ms);
  EXPECT_LE(world_.now() - asked, 10s + 50ms);
}

TEST_F(Blocking, CMD_4_the_timeout_in_the_command_is_what_is_left_of_it) {
  config_.repeat_up_to = Repeat::accumulate;
  ASSERT_FALSE(start());
  std::vector<double> seconds;
  std::vector<double> milliseconds;
  world_.network().set_wire_tap([&](const HandedOver& seen) {
    for (const std::string_view command : seen.commands) {
      const auto words = words_of(command);
      if (words.front() == "BLPOP") seconds.push_back(std::stod(std::string(words.back())));
      if (words.front() == "XREAD") milliseconds.push_back(std::stod(std::string(words[2])));
    }
  });
  const auto popped = begin(cmd::blpop({"queue", "other"}, 10s));
  const auto read = begin(cmd::xread({{"log", "$"}}, {.block = 20s}));
  world_.run_for(4s);
  server("east").kill();
  ASSERT_TRUE(world_.run_until([&] { return popped.has_value() && read.has_value(); }, 1min));
  ASSERT_EQ(seconds.size(), 2U);
  EXPECT_NEAR(seconds[0], 10, 0.1);
  EXPECT_NEAR(seconds[1], 6, 0.2);
  ASSERT_EQ(milliseconds.size(), 2U);
  EXPECT_NEAR(milliseconds[1], 16'000, 200);
  EXPECT_TRUE((*read)->empty());
}

TEST_F(Blocking, CMD_4_a_blocking_read_is_issued_again) {
  ASSERT_FALSE(start());
  const auto read = begin(cmd::xread({{"log", "$"}}, {.block = 0s}));
  world_.run_for(10s);
  server("east").kill();
  ASSERT_TRUE(world_.run_until([&] { return server("west").blocked() == 1; }, 5s));
  client().xadd("log", {{"field", "value"}});
  ASSERT_TRUE(world_.run_until([&] { return read.has_value(); }, 1s));
  ASSERT_TRUE(*read) << read->error().what();
  EXPECT_EQ((**read).at(0).entries.size(), 1U);
}

TEST_F(Blocking, CMD_4_one_that_could_not_be_sent_follows_the_switch) {
  ASSERT_FALSE(start());
  server("east").hang();
  const auto popped = begin(cmd::blpop("queue", 10s));  // its connection never gets through the handshake
  ASSERT_TRUE(world_.run_until([&] { return server("west").blocked() == 1; }, 15s));
  client().rpush("queue", "element");
  ASSERT_TRUE(world_.run_until([&] { return popped.has_value(); }, 1s));
  EXPECT_TRUE(*popped) << popped->error().what();
}

TEST_F(Blocking, CMD_4_cancelling_and_a_deadline_of_the_callers_own_close_the_connection) {
  ASSERT_FALSE(start());
  std::stop_source source;
  const auto popped = begin(cmd::blpop("queue", 0s), {.stop = source.get_token()});
  world_.run_for(1s);
  EXPECT_EQ(server("east").blocked(), 1U);
  source.request_stop();
  EXPECT_LE(time_until([&] { return popped.has_value(); }, 1s), 1us);
  EXPECT_EQ(popped->error().code(), ErrorCode::cancelled);
  EXPECT_EQ(popped->error().delivery(), Delivery::in_doubt);
  world_.run_for(10ms);
  EXPECT_EQ(server("east").blocked(), 0U);  // nobody takes an element that nobody waits for

  const TimePoint asked = world_.now();
  const auto late = client().execute(cmd::blpop("queue", 0s), {.deadline = 300ms});
  EXPECT_EQ(world_.now() - asked, 300ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::timed_out);
  world_.run_for(10ms);
  EXPECT_EQ(server("east").blocked(), 0U);
  EXPECT_EQ(active(), "east");
  EXPECT_TRUE(events_of<CircuitStateChanged>().empty());
}

TEST_F(Blocking, CMD_4_no_more_connections_than_allowed_and_who_waits_is_served_in_order) {
  config_.databases[0].options.dedicated_connections = 2;
  ASSERT_FALSE(start());
  world_.run_for(1s);
  const std::size_t before = server("east").clients();
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) {
    detail::submit(*engine_, cmd::blpop("queue", 0s), {}, [&order, i](detail::TypedOutcome<Popped>& over) {
      if (over.take()) order.push_back(i);
    });
  }
  world_.run_for(1s);
  EXPECT_EQ(server("east").blocked(), 2U);
  EXPECT_EQ(server("east").clients(), before + 2);
  for (int i = 0; i < 5; ++i) {
    client().rpush("queue", std::to_string(i));
    world_.run_for(100ms);
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(Blocking, CMD_4_who_waits_too_long_for_a_connection_is_told_so) {
  config_.databases[0].options.dedicated_connections = 1;
  ASSERT_FALSE(start());
  const auto first = begin(cmd::blpop("queue", 0s));
  world_.run_for(1s);
  const auto second = client().execute(cmd::blpop("queue", 0s), {.deadline = 200ms});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::timed_out);
  EXPECT_EQ(second.error().delivery(), Delivery::not_sent);
  EXPECT_NE(second.error().message().find("dedicated_connections"), std::string::npos) << second.error().what();
}

TEST_F(Blocking, CMD_4_connections_that_nobody_uses_are_closed) {
  ASSERT_FALSE(start());
  world_.run_for(1s);
  const std::size_t before = server("east").clients();
  for (int i = 0; i < 10; ++i) static_cast<void>(begin(cmd::blpop("queue", 1s)));
  world_.run_for(2s);
  EXPECT_EQ(server("east").clients(), before + 10);
  client().blpop("queue", 1s);
  EXPECT_EQ(server("east").clients(), before + 10);  // used again
  world_.run_for(70s);
  EXPECT_EQ(server("east").clients(), before);
}

// A reviewer's find: while the only connection was answering its idle ping, nobody got it, and nobody was told when it
// had.
TEST_F(Blocking, CMD_4_one_that_comes_during_an_idle_ping_does_not_wait_for_ever) {
  config_.databases[0].options.dedicated_connections = 1;
  ASSERT_FALSE(start());
  for (Duration after = 5s - 3ms; after < 5s + 3ms; after += 200us) {
    const auto popped = begin(cmd::blpop("queue", 300ms));
    ASSERT_TRUE(world_.run_until([&] { return popped.has_value(); }, 1s)) << "it hangs";
    ASSERT_TRUE(*popped) << popped->error().what();
    world_.run_for(after);  // around the moment at which `idle_ping` is due
  }
}

TEST_F(Blocking, CMD_4_a_hundred_wait_at_once_and_all_end_with_the_client) {
  for (DatabaseConfig& database : config_.databases) database.options.dedicated_connections = 100;
  ASSERT_FALSE(start());
  int ended = 0;
  for (int i = 0; i < 100; ++i) {
    detail::submit(*engine_, cmd::blpop("queue", 0s), {}, [&](detail::TypedOutcome<Popped>& over) {
      const auto outcome = over.take();
      ended += !outcome && outcome.error().code() == ErrorCode::closed;
    });
  }
  world_.run_for(1s);
  EXPECT_EQ(server("east").blocked(), 100U);
  client().close();
  world_.run_for(10ms);
  EXPECT_EQ(ended, 100);
  EXPECT_EQ(server("east").blocked(), 0U);
}

TEST_F(Blocking, CMD_4_is_refused_where_others_would_wait_behind_it) {
  ASSERT_FALSE(start());
  const auto [popped, n] = client().pipeline(cmd::blpop("queue", 1s), cmd::incr("n"));
  ASSERT_FALSE(popped);
  EXPECT_EQ(popped.error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(*n, 1);
  // Inside a transaction the server does not wait.
  const auto [at_once, m] = client().transaction(cmd::blpop("queue", 1s), cmd::incr("m"));
  ASSERT_TRUE(at_once) << at_once.error().what();
  EXPECT_EQ(*at_once, std::nullopt);
  EXPECT_EQ(*m, 1);
}

}  // namespace
}  // namespace meridian::simulation
