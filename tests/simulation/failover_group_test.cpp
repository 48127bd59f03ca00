// BYO-1: what `FailoverGroup` promises, in virtual time, over members that are plain objects of the test.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/failover_group.hpp>

#include "client/group_engine.hpp"
#include "simulation/world/world.hpp"

namespace meridian::simulation {
namespace {

using namespace std::chrono_literals;

// Executors whose tasks are events of the world: they may park, and hold up nobody but themselves.
class WorldExecutors final : public io::Executors {
 public:
  explicit WorldExecutors(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}
  [[nodiscard]] std::unique_ptr<io::Executor> make() override { return std::make_unique<One>(scheduler_); }

 private:
  class One final : public io::Executor {
   public:
    explicit One(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}
    void post(io::Task task) override {
      scheduler_.at(scheduler_.now(), [task = std::move(task), alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) task();
      });
    }
    [[nodiscard]] bool inside() const noexcept override { return scheduler_.lane() == Lane::world; }
    [[nodiscard]] std::unique_ptr<io::Timer> make_timer() override { throw std::logic_error("no timers here"); }

   private:
    Scheduler& scheduler_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  };
  Scheduler& scheduler_;
};

struct Refused : std::runtime_error {
  Refused() : std::runtime_error("connection refused") {}
};
struct Lost : std::runtime_error {
  Lost() : std::runtime_error("connection reset") {}
};
struct Loading : std::runtime_error {
  Loading() : std::runtime_error("LOADING") {}
};

// An object that the program has.
struct Store {
  enum class Mode { well, refuses, loses, loads, says_no };
  Mode mode = Mode::well;
  int runs = 0;
  int probes = 0;
  Duration probe_takes{0};

  void fail_if_not_well() const {
    if (mode == Mode::refuses) throw Refused();
    if (mode == Mode::loses) throw Lost();
    if (mode == Mode::loads) throw Loading();
  }
  int use() {
    ++runs;
    fail_if_not_well();
    return runs;
  }
};

std::optional<ExceptionMeaning> classify(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Refused&) {
    return ExceptionMeaning{ErrorCode::connect_refused, Delivery::not_sent};
  } catch (const Loading&) {
    return ExceptionMeaning{ErrorCode::loading, Delivery::rejected};
  } catch (...) {
    return std::nullopt;
  }
}

class Group : public ::testing::Test {
 protected:
  Group() {
    config_.members = {{.name = "east", .object = east_, .weight = 1.0},
                       {.name = "west", .object = west_, .weight = 0.5}};
    config_.classify = classify;
    config_.probe = [this](Store& store) {
      ++store.probes;
      if (store.probe_takes > Duration::zero()) pass(store.probe_takes);
      store.fail_if_not_well();
      return store.mode != Store::Mode::says_no;
    };
    config_.event_listeners.push_back([this](const Event& event) {
      event_times_.push_back(world_.now());
      events_.push_back(event);
    });
  }

  std::optional<Error> start() {
    const detail::GroupSpec spec = detail::spec_of(config_);
    const auto members = client::resolve(spec);
    if (!members) return members.error();
    engine_ = std::make_shared<client::GroupEngine>(io_, spec, *members);
    std::optional<std::optional<Error>> decided;
    engine_->open([&](std::optional<Error> error) { decided = std::move(error); });
    if (!world_.run_until([&] { return decided.has_value(); }, 1min)) ADD_FAILURE() << "the start was never decided";
    world_.run_for(Duration::zero());  // the first checks of the others, which pass at the same moment
    return decided ? *decided : std::nullopt;
  }

  void TearDown() override {
    if (engine_) engine_->close();
    world_.run_for(1min);  // what still blocks returns
    engine_.reset();
    world_.run_for(1s);
    EXPECT_EQ(world_.scheduler().live_timers(), 0U);
  }

  // Blocks the caller in virtual time.
  void pass(Duration duration) {
    const std::shared_ptr<io::Parker> parker = io_.parking.make_parker();
    world_.after(duration, [parker] { parker->unpark(); });
    parker->park();
  }

  template <class Function>
  auto try_run(Repeat repeat, Function function, const CallOptions& options = {}) {
    using Work = detail::TypedGroupWork<Store, Function>;
    Work work(function);
    detail::GroupEnd end = engine_->run(work, repeat, options);
    own_words_ = end.in_its_own_words;
    if (end.error) return Result<typename Work::Value>(Unexpected(*end.error));
    return Result<typename Work::Value>(work.take());
  }
  Result<int> use(Repeat repeat, const CallOptions& options = {}) {
    return try_run(
        repeat, [](Store& store) { return store.use(); }, options);
  }

  [[nodiscard]] std::string active() {
    for (const DatabaseStatus& member : engine_->describe().databases) {
      if (member.active) return member.name;
    }
    return "";
  }

  std::optional<Duration> time_until_active(std::string_view name, Duration limit) {
    const TimePoint began = world_.now();
    if (!world_.run_until([&] { return active() == name; }, limit)) return std::nullopt;
    return world_.now() - began;
  }

  // When `name` was told to be active for the last time.
  [[nodiscard]] std::optional<TimePoint> became_active(std::string_view name) const {
    std::optional<TimePoint> when;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const auto* change = std::get_if<ActiveDatabaseChanged>(&events_[i]);
      if (change != nullptr && change->to == name) when = event_times_[i];
    }
    return when;
  }

  SimulatedWorld world_{42};
  WorldExecutors executors_{world_.scheduler()};
  io::World io_{.clock = world_.io().clock,
                .random = world_.io().random,
                .loop = world_.io().loop,
                .listeners = world_.io().listeners,
                .connector = world_.io().connector,
                .parking = world_.io().parking,
                .errands = world_.io().errands,
                .executors = executors_};
  std::shared_ptr<Store> east_ = std::make_shared<Store>();
  std::shared_ptr<Store> west_ = std::make_shared<Store>();
  FailoverGroupConfig<Store> config_;
  std::vector<Event> events_;
  std::vector<TimePoint> event_times_;
  std::shared_ptr<client::GroupEngine> engine_;
  bool own_words_ = false;
};

// --- Start -----------------------------------------------------------------------------------------------------------

TEST_F(Group, BYO_1_calls_run_on_the_heaviest_member_that_is_well) {
  east_->mode = Store::Mode::says_no;
  ASSERT_FALSE(start());
  CallInfo info;
  EXPECT_EQ(use(Repeat::never, {.info = &info}), 1);
  EXPECT_EQ(info.database, "west");
  EXPECT_EQ(info.epoch, 1U);
  EXPECT_EQ(info.attempts, 1);
  EXPECT_EQ(east_->runs, 0);
}

TEST_F(Group, INIT_3_a_policy_that_is_not_met_names_each_member_and_why) {
  east_->mode = Store::Mode::loses;
  west_->mode = Store::Mode::says_no;
  const std::optional<Error> error = start();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::initial_health_check_failed);
  EXPECT_NE(error->message().find("east: the probe threw: connection reset"), std::string::npos) << error->message();
  EXPECT_NE(error->message().find("west: the probe returned false"), std::string::npos) << error->message();
}

TEST_F(Group, INIT_4_errors_name_the_members_field_and_its_value) {
  const auto message = [this] {
    const std::optional<Error> error = start();
    return error && error->code() == ErrorCode::invalid_argument ? error->message() : std::string("no error");
  };
  config_.members[1].weight = 0;
  EXPECT_EQ(message(), "members[1].weight is 0: must be finite and greater than 0");
  config_.members[1].weight = 1;
  config_.members[1].name = "east";
  EXPECT_EQ(message(), "members[1].name is 'east': must be unique, but members[0] is called so, too");
  config_.members[1].name.clear();
  EXPECT_EQ(message(), "members[1].name is empty: must be a unique name");
  config_.members[1].name = "west";
  config_.members[0].object.reset();
  EXPECT_EQ(message(), "members[0].object is null: must be an object");
  config_.members.clear();
  EXPECT_EQ(message(), "members is empty: must be at least one member");
}

TEST_F(Group, INIT_4_the_defaults_are_those_of_MultiDbConfig) {
  const MultiDbConfig group = detail::rules_of(FailoverGroupConfig<Store>());
  const MultiDbConfig client;
  EXPECT_EQ(group.command_deadline, client.command_deadline);
  EXPECT_EQ(group.when_unavailable, client.when_unavailable);
  EXPECT_EQ(group.repeat_up_to, client.repeat_up_to);
  EXPECT_EQ(group.failures_detection_window, client.failures_detection_window);
  EXPECT_EQ(group.min_num_failures, client.min_num_failures);
  EXPECT_EQ(group.failure_rate_threshold, client.failure_rate_threshold);
  EXPECT_EQ(group.consecutive_failures, client.consecutive_failures);
  EXPECT_EQ(group.slow_call_rate, client.slow_call_rate);
  EXPECT_EQ(group.suspicion_after, client.suspicion_after);
  EXPECT_EQ(group.suspicion_probe_timeout, client.suspicion_probe_timeout);
  EXPECT_EQ(group.suspicion_probes, client.suspicion_probes);
  EXPECT_EQ(group.health_check_interval, client.health_check_interval);
  EXPECT_EQ(group.health_check_probes, client.health_check_probes);
  EXPECT_EQ(group.health_check_probes_delay, client.health_check_probes_delay);
  EXPECT_EQ(group.health_check_timeout, client.health_check_timeout);
  EXPECT_EQ(group.health_check_policy, client.health_check_policy);
  EXPECT_EQ(group.initial_health_check_policy, client.initial_health_check_policy);
  EXPECT_EQ(group.failover_attempts, client.failover_attempts);
  EXPECT_EQ(group.failover_delay, client.failover_delay);
  EXPECT_EQ(group.auto_fallback_interval, client.auto_fallback_interval);
  EXPECT_EQ(group.failback, client.failback);
  EXPECT_EQ(group.failback_stage, client.failback_stage);
  EXPECT_EQ(group.failback_ramp, client.failback_ramp);
  EXPECT_EQ(GroupMember<Store>().weight, DatabaseConfig().weight);
  EXPECT_EQ(GroupMember<Store>().grace_period, DatabaseConfig().grace_period);
}

// --- Calls -----------------------------------------------------------------------------------------------------------

TEST_F(Group, CMD_1_a_read_that_fails_is_run_again_on_the_next_member) {
  ASSERT_FALSE(start());
  east_->mode = Store::Mode::loses;
  const TimePoint began = world_.now();
  EXPECT_EQ(use(Repeat::read_only), 1);
  EXPECT_EQ(active(), "west");
  // Refused twice, 50 ms apart.
  EXPECT_LE(world_.now() - began, 100ms);
  EXPECT_EQ(east_->runs, 1);
}

TEST_F(Group, CMD_1_what_may_have_run_is_not_repeated_beyond_its_grade) {
  ASSERT_FALSE(start());
  east_->mode = Store::Mode::loses;
  const Result<int> result = use(Repeat::accumulate);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().delivery(), Delivery::in_doubt);
  EXPECT_EQ(result.error().code(), ErrorCode::connection_lost);
  EXPECT_EQ(result.error().message(), "connection reset");
  EXPECT_EQ(result.error().database(), "east");
  EXPECT_EQ(result.error().attempts(), 1);
  EXPECT_TRUE(own_words_);
  EXPECT_EQ(east_->runs + west_->runs, 1);
}

TEST_F(Group, CMD_1_what_classify_says_was_not_sent_is_repeated_whatever_its_grade) {
  ASSERT_FALSE(start());
  east_->mode = Store::Mode::refuses;
  EXPECT_EQ(use(Repeat::never), 1);
  EXPECT_EQ(west_->runs, 1);
}

TEST_F(Group, CMD_1_what_was_rejected_waits_for_the_verdict_and_follows_the_switch) {
  ASSERT_FALSE(start());
  east_->mode = Store::Mode::loads;
  EXPECT_EQ(use(Repeat::accumulate), 1);
  EXPECT_EQ(east_->runs, 1);
  EXPECT_EQ(west_->runs, 1);
}

TEST_F(Group, CMD_1_an_earlier_attempt_in_doubt_outweighs_a_later_one_that_was_not_sent) {
  config_.members.pop_back();
  config_.command_deadline = 300ms;
  config_.probe = nullptr;
  config_.circuit_breaker.consecutive_failures = 0;
  ASSERT_FALSE(start());
  const Result<int> result = try_run(Repeat::overwrite, [](Store& store) -> int {
    if (++store.runs == 1) throw Lost();
    throw Refused();
  });
  ASSERT_FALSE(result);
  EXPECT_GT(east_->runs, 1);
  EXPECT_EQ(result.error().code(), ErrorCode::connect_refused);
  EXPECT_EQ(result.error().delivery(), Delivery::in_doubt);
  EXPECT_FALSE(own_words_) << "\"connection refused\" would be half of the truth";
}

TEST_F(Group, DET_2_an_error_of_the_programs_own_is_neither_counted_nor_repeated) {
  ASSERT_FALSE(start());
  for (int i = 0; i < 50; ++i) {
    const Result<int> result =
        try_run(Repeat::read_only, [](Store&) -> int { throw std::out_of_range("no such field"); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().attempts(), 1);
    EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument);
  }
  world_.run_for(1s);
  EXPECT_EQ(active(), "east");
}

TEST_F(Group, DET_2_a_deadline_of_the_callers_own_that_is_too_short_is_not_counted) {
  config_.probe = nullptr;
  ASSERT_FALSE(start());
  const auto function = [&](Store&, const GroupAttempt& attempt) -> int {
    pass(attempt.time_left);
    throw Error(ErrorCode::timed_out, Delivery::in_doubt, "no answer in time");
  };
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(try_run(Repeat::read_only, function, {.deadline = 20ms}));
  EXPECT_EQ(active(), "east");
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(try_run(Repeat::never, function));
  world_.run_for(10ms);
  EXPECT_EQ(active(), "west");
}

TEST_F(Group, CMD_1_repetitions_of_what_may_have_run_are_paid_out_of_the_budget) {
  config_.retry_budget = {.share = 0, .per_second = 0};
  ASSERT_FALSE(start());
  east_->mode = Store::Mode::loses;
  const Result<int> result = use(Repeat::read_only);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "connection reset; not repeated: retry_budget is used up");
}

TEST_F(Group, CMD_1_the_programs_rule_decides_about_repetitions) {
  int asked = 0;
  config_.command_retry.rule = retry_rule([&](const FailedAttempt& attempt) -> std::optional<Duration> {
    ++asked;
    EXPECT_EQ(attempt.database, "east");
    return attempt.attempts < 3 ? std::optional<Duration>(1ms) : std::nullopt;
  });
  config_.probe = nullptr;
  ASSERT_FALSE(start());
  east_->mode = Store::Mode::loses;
  EXPECT_FALSE(use(Repeat::read_only));
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(east_->runs, 3);
}

TEST_F(Group, FO_1_the_programs_strategy_picks_the_target) {
  config_.members.push_back({.name = "south", .object = std::make_shared<Store>(), .weight = 0.1});
  config_.failover_strategy =
      failover_strategy([](std::span<const DatabaseStatus> candidates) { return candidates.size() - 1; });
  ASSERT_FALSE(start());
  east_->mode = Store::Mode::loses;
  EXPECT_TRUE(use(Repeat::read_only));
  EXPECT_EQ(active(), "south");
}

TEST_F(Group, DET_2_the_programs_detectors_see_attempts) {
  config_.failure_detectors = {failure_detector([](const ObservedAttempt& attempt) -> std::optional<std::string> {
    return attempt.error == ErrorCode::loading ? std::optional<std::string>("it loads") : std::nullopt;
  })};
  ASSERT_FALSE(start());
  EXPECT_FALSE(try_run(Repeat::never, [](Store&) -> int { throw Lost(); }));
  world_.run_for(100ms);
  EXPECT_EQ(active(), "east");
  EXPECT_TRUE(engine_->operate(op::SetActiveDatabase{"east"}));
  EXPECT_TRUE(try_run(Repeat::never, [&](Store& store) {
    if (&store == east_.get()) throw Loading();
    return store.use();
  }));
  EXPECT_EQ(active(), "west");
}

TEST_F(Group, CMD_2_one_deadline_for_all_attempts) {
  config_.members.pop_back();
  config_.when_unavailable = WhenUnavailable::wait;
  ASSERT_FALSE(start());
  east_->mode = Store::Mode::refuses;
  const TimePoint began = world_.now();
  Duration last_left{};
  const auto function = [&](Store& store, const GroupAttempt& attempt) {
    EXPECT_EQ(attempt.member, "east");
    last_left = attempt.time_left;
    return store.use();
  };
  const Result<int> result = try_run(Repeat::read_only, function, {.deadline = 700ms});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().delivery(), Delivery::not_sent);
  EXPECT_EQ(world_.now() - began, 700ms);
  EXPECT_GT(last_left, 0ms);
  EXPECT_LE(last_left, 700ms);
}

TEST_F(Group, CMD_2_a_call_that_waits_can_be_cancelled) {
  config_.members.pop_back();
  config_.when_unavailable = WhenUnavailable::wait;
  ASSERT_FALSE(start());
  east_->mode = Store::Mode::refuses;
  std::stop_source stop;
  world_.after(300ms, [&] { stop.request_stop(); });
  const TimePoint began = world_.now();
  const Result<int> result = use(Repeat::read_only, {.stop = stop.get_token()});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::cancelled);
  EXPECT_EQ(world_.now() - began, 300ms);
}

TEST_F(Group, SCAN_1_a_call_for_another_epoch_is_not_run) {
  ASSERT_FALSE(start());
  const Result<int> result = use(Repeat::read_only, {.epoch = 7});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::database_changed);
  EXPECT_EQ(east_->runs, 0);
}

// --- Noticing --------------------------------------------------------------------------------------------------------

TEST_F(Group, DET_1_failures_in_a_row_open_the_breaker_although_the_probe_passes) {
  ASSERT_FALSE(start());
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(try_run(Repeat::never, [](Store&) -> int { throw Lost(); }));
  EXPECT_EQ(time_until_active("west", 10ms), 0ms);
}

TEST_F(Group, DET_4_a_late_failure_of_the_member_that_was_left_changes_nothing) {
  ASSERT_FALSE(start());
  const auto late = [&](Store& store) -> int {
    if (&store == west_.get()) return 1;
    east_->mode = Store::Mode::loses;
    pass(1s);  // meanwhile the probe finds east out: the next check, or the silence
    EXPECT_EQ(active(), "west");
    throw Lost();
  };
  for (int i = 0; i < 10; ++i) {
    if (active() == "east") {
      EXPECT_TRUE(try_run(Repeat::read_only, late));
    }
  }
  world_.run_for(5s);
  EXPECT_EQ(active(), "west");
  EXPECT_EQ(engine_->describe().databases[1].circuit, CircuitState::closed);
}

TEST_F(Group, DET_5_a_function_that_hangs_makes_the_group_ask_and_leave) {
  ASSERT_FALSE(start());
  world_.run_for(100ms);
  const TimePoint began = world_.now();
  const int before = east_->probes;
  const Result<int> result = try_run(Repeat::read_only, [&](Store& store) {
    east_->probe_takes = 2500ms;
    pass(3s);
    return store.use();
  });
  EXPECT_EQ(result, 1) << "what it returns late is returned";
  ASSERT_TRUE(became_active("west"));
  // 250 ms of silence and two probes of 400 ms.
  EXPECT_EQ(*became_active("west") - began, 1050ms);
  EXPECT_EQ(east_->probes, before + 1) << "the second question found the first unanswered";
}

TEST_F(Group, DET_5_a_function_that_takes_its_time_on_a_member_that_is_well_moves_nothing) {
  ASSERT_FALSE(start());
  EXPECT_EQ(try_run(Repeat::read_only,
                    [&](Store& store) {
                      pass(8s);
                      return store.use();
                    }),
            1);
  EXPECT_EQ(active(), "east");
  EXPECT_LE(east_->probes, 12) << "asked ever more rarely";
}

TEST_F(Group, DET_3_a_write_that_is_owed_is_asked_for_with_the_write_probe) {
  bool writes_stall = false;
  config_.write_probe = [&](Store& store) {
    if (writes_stall && &store == east_.get()) pass(1s);
    return true;
  };
  ASSERT_FALSE(start());
  writes_stall = true;
  EXPECT_EQ(try_run(Repeat::overwrite,
                    [&](Store& store) {
                      pass(3s);
                      return store.use();
                    }),
            1);
  EXPECT_TRUE(became_active("west"));
}

// --- Probes ----------------------------------------------------------------------------------------------------------

TEST_F(Group, HC_1_a_probe_that_blocks_is_unanswered_and_is_not_begun_again_before_it_returns) {
  config_.health_check_interval = 1s;
  config_.health_check_timeout = 900ms;
  config_.health_check_probes_delay = 0ms;
  ASSERT_FALSE(start());
  east_->probe_takes = 20s;
  const int before = east_->probes;
  world_.run_for(15s);
  EXPECT_LE(east_->probes, before + 1);
  ASSERT_TRUE(became_active("west"));
  // It returns "well" long after it was asked: nobody's answer. The next one is.
  east_->probe_takes = 0s;
  world_.run_for(1s);
  EXPECT_GT(east_->probes, before + 1);
}

TEST_F(Group, HC_3_a_probe_that_throws_is_a_failed_one_and_the_schedule_goes_on) {
  ASSERT_FALSE(start());
  west_->mode = Store::Mode::loses;
  world_.run_for(20s);
  EXPECT_EQ(engine_->describe().databases[1].health, Health::unhealthy);
  west_->mode = Store::Mode::well;
  world_.run_for(20s);
  EXPECT_EQ(engine_->describe().databases[1].health, Health::healthy);
}

TEST_F(Group, HC_8_without_a_probe_traffic_alone_judges) {
  config_.probe = nullptr;
  ASSERT_FALSE(start());
  EXPECT_EQ(active(), "east");
  east_->mode = Store::Mode::loses;
  for (int i = 0; i < 5; ++i) static_cast<void>(use(Repeat::never));
  world_.run_for(10ms);
  EXPECT_EQ(active(), "west");
}

// --- Moving ----------------------------------------------------------------------------------------------------------

TEST_F(Group, FO_6_with_nothing_usable_a_call_fails_at_once_and_recovery_needs_no_call) {
  ASSERT_FALSE(start());
  east_->mode = west_->mode = Store::Mode::loses;
  EXPECT_FALSE(use(Repeat::read_only));
  const TimePoint began = world_.now();
  const Result<int> result = use(Repeat::read_only);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::temporarily_unavailable);
  EXPECT_LE(world_.now() - began, 10ms);
  west_->mode = Store::Mode::well;
  const auto took = time_until_active("west", 5s);
  ASSERT_TRUE(took);
  EXPECT_LE(*took, 500ms);
}

TEST_F(Group, FO_6_or_the_call_waits_until_one_is) {
  config_.when_unavailable = WhenUnavailable::wait;
  ASSERT_FALSE(start());
  east_->mode = west_->mode = Store::Mode::loses;
  world_.after(2s, [&] { west_->mode = Store::Mode::well; });
  EXPECT_TRUE(use(Repeat::read_only));
}

TEST_F(Group, FB_1_the_group_goes_home_after_grace) {
  for (auto& member : config_.members) member.grace_period = 10s;
  config_.auto_fallback_interval = 5s;
  ASSERT_FALSE(start());
  east_->mode = Store::Mode::loses;
  EXPECT_TRUE(use(Repeat::read_only));
  ASSERT_EQ(active(), "west");
  east_->mode = Store::Mode::well;
  const auto took = time_until_active("east", 1min);
  ASSERT_TRUE(took);
  EXPECT_GE(*took, 10s - 200ms);
  EXPECT_LE(*took, 21s);
}

TEST_F(Group, FB_3_reads_go_home_first) {
  for (auto& member : config_.members) member.grace_period = 10s;
  config_.auto_fallback_interval = 5s;
  config_.failback = Failback::reads_first;
  ASSERT_FALSE(start());
  east_->mode = Store::Mode::loses;
  EXPECT_TRUE(use(Repeat::read_only));
  east_->mode = Store::Mode::well;
  ASSERT_TRUE(world_.run_until([&] { return engine_->describe().next == "east"; }, 1min));
  CallInfo read;
  CallInfo write;
  EXPECT_TRUE(use(Repeat::read_only, {.info = &read}));
  EXPECT_TRUE(use(Repeat::overwrite, {.info = &write}));
  EXPECT_EQ(read.database, "east");
  EXPECT_EQ(write.database, "west");
  ASSERT_TRUE(time_until_active("east", 40s));
  EXPECT_TRUE(use(Repeat::overwrite, {.info = &write}));
  EXPECT_EQ(write.database, "east");
}

// --- By hand ---------------------------------------------------------------------------------------------------------

TEST_F(Group, MAN_1_a_member_is_chosen_by_hand_if_its_probe_passes) {
  ASSERT_FALSE(start());
  EXPECT_TRUE(engine_->operate(op::SetActiveDatabase{"west"}));
  EXPECT_EQ(active(), "west");
  east_->mode = Store::Mode::loses;
  const Result<void> refused = engine_->operate(op::SetActiveDatabase{"east"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::temporarily_unavailable);
  EXPECT_FALSE(engine_->operate(op::SetActiveDatabase{"nowhere"}));
  EXPECT_EQ(active(), "west");
}

TEST_F(Group, MAN_2_members_join_and_leave_while_it_runs) {
  ASSERT_FALSE(start());
  const auto south = std::make_shared<Store>();
  const GroupMember<Store> member{.name = "south", .object = south, .weight = 2.0, .grace_period = 10s};
  ASSERT_TRUE(engine_->add(detail::spec_of(member, config_.probe, config_.write_probe)));
  EXPECT_FALSE(engine_->add(detail::spec_of(member, config_.probe, config_.write_probe))) << "the name is taken";
  EXPECT_TRUE(time_until_active("south", 1min));
  EXPECT_TRUE(engine_->operate(op::RemoveDatabase{"south"}));
  EXPECT_EQ(active(), "east");
  world_.run_for(5s);
  EXPECT_EQ(south.use_count(), 2) << "the group has let go of it; `member` has not";
  EXPECT_EQ(engine_->describe().databases.size(), 2U);
}

TEST_F(Group, MAN_3_drained_frozen_and_reweighted) {
  ASSERT_FALSE(start());
  EXPECT_TRUE(engine_->operate(op::Drain{"east"}));
  EXPECT_EQ(active(), "west");
  EXPECT_FALSE(engine_->operate(op::Drain{"west"})) << "the last one";
  EXPECT_TRUE(engine_->operate(op::Undrain{"east"}));
  EXPECT_TRUE(engine_->operate(op::SetDecisionMode{DecisionMode::frozen}));
  west_->mode = Store::Mode::loses;
  world_.run_for(1min);
  EXPECT_EQ(active(), "west");
  EXPECT_TRUE(engine_->operate(op::SetDecisionMode{DecisionMode::deciding}));
  EXPECT_TRUE(time_until_active("east", 30s));
  EXPECT_TRUE(engine_->operate(op::SetWeight{"west", 3.0}));
  EXPECT_EQ(engine_->describe().databases[1].weight, 3.0);
}

TEST_F(Group, MAN_2_operations_of_redis_clients_say_what_to_do_instead) {
  ASSERT_FALSE(start());
  const Result<void> added = engine_->operate(op::AddDatabase{{.uri = "redis://south"}});
  ASSERT_FALSE(added);
  EXPECT_NE(added.error().message().find("FailoverGroup::add"), std::string::npos);
  const Result<void> checked = engine_->operate(op::AddHealthCheck{ping_health_check()});
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().message().find("probe"), std::string::npos);
}

TEST_F(Group, FB_4_timings_change_while_it_runs) {
  ASSERT_FALSE(start());
  config_.command_deadline = 200ms;
  config_.when_unavailable = WhenUnavailable::wait;
  ASSERT_TRUE(engine_->operate(op::Reconfigure{detail::rules_of(config_)}));
  east_->mode = west_->mode = Store::Mode::loses;
  const TimePoint began = world_.now();
  EXPECT_FALSE(use(Repeat::read_only));
  EXPECT_EQ(world_.now() - began, 200ms);
}

TEST_F(Group, EV_1_calls_that_failed_are_told_together) {
  ASSERT_FALSE(start());
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(try_run(Repeat::never, [](Store&) -> int { throw Lost(); }));
  world_.run_for(200ms);
  std::size_t in_doubt = 0;
  for (const Event& event : events_) {
    if (const auto* failed = std::get_if<CommandsFailed>(&event)) in_doubt += failed->in_doubt;
  }
  EXPECT_EQ(in_doubt, 3U);
}

}  // namespace
}  // namespace meridian::simulation
