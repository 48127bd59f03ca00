// How often a client may switch, whatever happens (FO-7, I11; faults.md rows 38 and 41).
#include <algorithm>

#include "simulation/rules_fixture.hpp"

namespace meridian::simulation {
namespace {

// A client of two databases, the heavier of which is up for `duty` of each `period`, for `length`; when it switched.
class Flapping final : public Rules {
 public:
  enum class How { killed, hung };
  Flapping(Duration period, double duty, How how) : period_(period), up_(time_of(period, duty)), how_(how) {}

  std::vector<TimePoint> switches(Duration length) {
    add_servers({"east", "west"});
    EXPECT_FALSE(start());
    world_.run_for(1s);
    go_down();
    call();
    world_.run_for(length);
    std::vector<TimePoint> when;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (std::holds_alternative<ActiveDatabaseChanged>(events_[i])) when.push_back(event_times_[i]);
    }
    over_ = true;
    world_.run_for(period_ + 1s);
    if (server("east").state() == ProcessState::hung) server("east").resume();
    TearDown();
    return when;
  }

 private:
  static Duration time_of(Duration period, double share) {
    return std::chrono::duration_cast<Duration>(period * share);
  }
  void go_down() {
    if (over_) return;
    if (how_ == How::killed) server("east").kill();
    else server("east").hang();
    world_.after(period_ - up_, [this] { come_up(); });
  }
  void come_up() {
    if (how_ == How::killed) server("east").restart();
    else server("east").resume();
    world_.after(up_, [this] { go_down(); });
  }
  void call() {
    if (over_) return;
    submit(cmd::incr("n").request, {}, [](const Result<Reply>&) {});
    world_.after(50ms, [this] { call(); });
  }
  void TestBody() override {}

  const Duration period_;
  const Duration up_;
  const How how_;
  bool over_ = false;
};

// The most switches that any minute saw.
std::ptrdiff_t most_in_a_minute(const std::vector<TimePoint>& switches) {
  std::ptrdiff_t most = 0;
  for (auto first = switches.begin(); first != switches.end(); ++first) {
    most = std::max(most, std::upper_bound(first, switches.end(), *first + 1min) - first);
  }
  return most;
}

class FlappingOfOne : public ::testing::TestWithParam<Flapping::How> {};

TEST_P(FlappingOfOne, FO_7_I11_at_any_period_beside_a_healthy_database_costs_at_most_two_switches_a_minute) {
  std::size_t switched = 0;
  for (const Duration period : {200ms, 300ms, 500ms, 700ms, 1000ms, 1400ms, 2000ms, 3000ms, 5000ms, 7000ms, 10000ms}) {
    for (const double duty : {0.1, 0.5, 0.9}) {
      const auto switches = Flapping(period, duty, GetParam()).switches(5min);
      switched += switches.size();
      EXPECT_LE(most_in_a_minute(switches), 2) << "period " << period.count() / 1'000'000 << " ms, up for " << duty;
    }
  }
  EXPECT_GT(switched, 15U);  // it is noticed, after all
}
INSTANTIATE_TEST_SUITE_P(Flapping, FlappingOfOne, ::testing::Values(Flapping::How::killed, Flapping::How::hung),
                         [](const auto& how) { return how.param == Flapping::How::killed ? "killed" : "hung"; });

class Standstill : public Rules {
 protected:
  void SetUp() override {
    add_servers({"east", "west", "south"});
    ASSERT_FALSE(start());
    call();
  }
  void TearDown() override {
    over_ = true;
    world_.run_for(10s);
    Rules::TearDown();
  }
  void call() {
    if (over_) return;
    submit(cmd::incr("n").request, {}, [](const Result<Reply>&) {});
    submit(cmd::get("n").request, {}, [](const Result<Reply>&) {});
    world_.after(20ms, [this] { call(); });
  }
  void expect_that_nothing_happened() {
    EXPECT_TRUE(events_of<ActiveDatabaseChanged>().empty());
    EXPECT_TRUE(events_of<CircuitStateChanged>().empty());
    EXPECT_TRUE(events_of<HealthChanged>().size() <= 3) << "the first of each";
    EXPECT_EQ(active(), "east");
  }
  bool over_ = false;
};

TEST_F(Standstill, row_41_a_client_that_stood_still_for_thirty_seconds_blames_nobody) {
  RandomStream random = world_.fork_random("stops");
  for (int i = 0; i < 20; ++i) {
    world_.run_for(random.between(Duration(1ms), Duration(3s)));
    world_.stall_client(30s);
    world_.run_for(31s);
  }
  expect_that_nothing_happened();
}

TEST_F(Standstill, row_41_timers_that_are_late_all_the_time_blame_nobody) {
  // As on a machine whose processors are taken: the client runs a few milliseconds, then waits for its next turn.
  RandomStream random = world_.fork_random("turns");
  const TimePoint end = world_.now() + 2min;
  while (world_.now() < end) {
    world_.run_for(random.between(Duration(1ms), Duration(30ms)));
    const Duration late = random.between(Duration(5ms), Duration(200ms));
    world_.stall_client(late);
    world_.run_for(late);
  }
  expect_that_nothing_happened();
}

}  // namespace
}  // namespace meridian::simulation
