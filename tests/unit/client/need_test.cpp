// FB-3: what a call tells the router while two databases serve.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include <meridian/commands.hpp>
#include <meridian/detail/command_list.hpp>
#include <meridian/detail/transaction_call.hpp>
#include <meridian/script.hpp>

#include "client/call_runner.hpp"
#include "simulation/world/world.hpp"

namespace meridian::client {
namespace {

using namespace std::chrono_literals;

// Keeps every call waiting, and what it was asked.
class KeepsWaiting final : public Router {
 public:
  Route route(const Need& need) override {
    needs.push_back(need);
    return {};
  }
  using Router::set_split;
  [[nodiscard]] bool still_serves(std::size_t, std::uint64_t) const override { return true; }
  [[nodiscard]] protocol::Failure why_waiting() const override { return {}; }
  [[nodiscard]] const std::string& database_name(std::size_t) const override { return name_; }
  [[nodiscard]] bool is_verdict_pending() const override { return false; }
  void on_answered(const Attempts&) override {}
  void on_attempt_failed(const Call&, const protocol::Failure&) override {}
  void on_call_failed(const Call&, const Error&) override {}

  std::vector<Need> needs;

 private:
  std::string name_;
};

class NeedOfCalls : public ::testing::Test {
 protected:
  NeedOfCalls() { router_.set_split(true); }
  ~NeedOfCalls() override { finish(); }

  void use(std::optional<CacheOptions> cache) {
    finish();
    RunnerSettings settings{.command_deadline = 5s, .max_queued = 1000, .max_queued_bytes = 100'000};
    settings.cache = std::move(cache);
    runner_ = std::make_unique<CallRunner>(world_.io(), router_, settings);
  }
  void finish() {
    if (runner_) in_turn([&] { runner_->close(); });
    world_.run_for(1ms);
    runner_.reset();
  }
  template <class Task>
  void in_turn(Task task) {
    const io::Turn turn(world_.io().loop);
    task();
  }

  // What the router is asked for these, going together.
  Need need_of(std::vector<Request> requests, const CallOptions& options = {}, detail::Session* session = nullptr) {
    if (!runner_) use(std::nullopt);
    router_.needs.clear();
    std::vector<detail::EngineCall> calls;
    for (Request& request : requests) {
      requests_.push_back(std::make_unique<Request>(std::move(request)));
      outcomes_.push_back(std::make_unique<detail::TypedOutcome<Reply>>(decode<Reply>));
      calls.push_back({requests_.back()->view(), outcomes_.back().get(), session});
    }
    runner_->start(calls, options);
    in_turn([&] { runner_->route_waiting(); });
    EXPECT_FALSE(router_.needs.empty());
    return router_.needs.empty() ? Need() : router_.needs.back();
  }
  bool reads(Request request, const CallOptions& options = {}, detail::Session* session = nullptr) {
    return need_of({std::move(request)}, options, session).reads;
  }

  simulation::SimulatedWorld world_{1};
  KeepsWaiting router_;
  std::vector<std::unique_ptr<Request>> requests_;
  std::vector<std::unique_ptr<detail::Outcome>> outcomes_;
  std::unique_ptr<CallRunner> runner_;
};

TEST_F(NeedOfCalls, FB_3_single_commands_that_only_read_are_reads) {
  EXPECT_TRUE(reads(cmd::get("k").request));
  EXPECT_TRUE(reads(cmd::mget({"k", "l"}).request));
  EXPECT_FALSE(reads(cmd::set("k", "v").request));
  EXPECT_FALSE(reads(cmd::incr("k").request));
}

TEST_F(NeedOfCalls, FB_3_what_belongs_to_one_database_or_connection_follows_writes) {
  EXPECT_FALSE(reads(cmd::get("k").request, {.epoch = 1}));
  EXPECT_FALSE(reads(cmd::custom("SCAN", "0").request));
  EXPECT_FALSE(reads(cmd::custom("hscan", "k", "0").request));
  EXPECT_FALSE(reads(cmd::custom("EVAL_RO", "return 1", "0").request));
  EXPECT_FALSE(reads(cmd::custom("FCALL_RO", "f", "0").request));
  EXPECT_FALSE(reads(cmd::blpop({"k"}, 1s).request));
  const std::unique_ptr<detail::Session> session = CallRunner::make_session();
  EXPECT_FALSE(reads(cmd::get("k").request, {}, session.get()));
  finish();
}

TEST_F(NeedOfCalls, FB_3_a_pipeline_is_one_need) {
  EXPECT_TRUE(need_of({cmd::get("k").request, cmd::get("l").request}).reads);
  finish();
  const Need mixed = need_of({cmd::get("k").request, cmd::set("l", "v").request}, {.caller = 7});
  EXPECT_FALSE(mixed.reads);
  // Both of them, at first and whenever it is looked again.
  EXPECT_GE(router_.needs.size(), 3U);
  for (const Need& need : router_.needs) {
    EXPECT_FALSE(need.reads);
    EXPECT_EQ(need.caller, 7U);
  }
}

TEST_F(NeedOfCalls, FB_3_what_is_cached_follows_writes) {
  use(CacheOptions());
  EXPECT_FALSE(reads(cmd::get("k").request));
}

TEST_F(NeedOfCalls, FB_3_the_caller_is_named_or_the_thread) {
  EXPECT_EQ(need_of({cmd::get("k").request}, {.caller = 7}).caller, 7U);
  const std::uint64_t thread = need_of({cmd::get("k").request}).caller;
  EXPECT_NE(thread, 0U);
  EXPECT_EQ(need_of({cmd::set("k", "v").request}).caller, thread);
}

TEST_F(NeedOfCalls, FB_3_nothing_is_found_out_while_one_database_serves_everything) {
  router_.set_split(false);
  const Need need = need_of({cmd::get("k").request}, {.caller = 7});
  EXPECT_FALSE(need.reads);
  EXPECT_EQ(need.caller, 0U);
  // A call that is older than the stage is routed anew, and stays with the writes' caller.
  router_.set_split(true);
  router_.needs.clear();
  in_turn([&] { runner_->route_waiting(); });
  ASSERT_EQ(router_.needs.size(), 1U);
  EXPECT_TRUE(router_.needs[0].reads);
  EXPECT_EQ(router_.needs[0].caller, 0U);
}

}  // namespace
}  // namespace meridian::client
