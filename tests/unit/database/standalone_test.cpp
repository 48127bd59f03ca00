// The connections of one server beside the first: opened when callers meet, bound to the present epoch.
#include "database/standalone.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "simulation/world/world.hpp"

namespace meridian::database {
namespace {

using namespace std::chrono_literals;

class Ping final : public protocol::Operation {
 public:
  Ping() : Operation(protocol::Waiting::on_thread) {}
  [[nodiscard]] std::string_view bytes() const noexcept override { return "*1\r\n$4\r\nPING\r\n"; }
  [[nodiscard]] bool is_read() const noexcept override { return true; }
  [[nodiscard]] TimePoint deadline() const noexcept override { return TimePoint::max(); }
  void on_reply(const ReplyView&) noexcept override { answered = true; }
  void on_failure(const protocol::Failure&) noexcept override {}
  bool answered = false;
};

class Nobody final : public DatabaseOwner {
 public:
  void on_database_ready(Database&) override {}
  void on_connected(Database&) override {}
  void on_connection_lost(Database&, Purpose, const LinkEnd&, LinkId) override {}
  void on_silence(Database&, Purpose, const protocol::OwedSummary&, LinkId) override {}
  void on_credentials_refused(Database&, const std::string&) override {}
  void on_push(Database&, ReplyView) override {}
  void on_tracking_lost(Database&) override {}
  void on_heard(Database&, Purpose) override {}
};

class StandaloneConnections : public ::testing::Test {
 protected:
  StandaloneConnections()
      : server_(world_.add_server("east")),
        database_(world_.io(), {.address = server_.address(), .options = {}, .silent_after = 250ms}, &gate_, nobody_) {}
  ~StandaloneConnections() override {
    in_turn([this] { database_.close(); });
    world_.run_for(1s);
  }

  template <class Task>
  void in_turn(Task task) {
    const io::Turn turn(world_.io().loop);
    task();
  }
  void activate(std::uint64_t epoch) {
    in_turn([&] {
      gate_.publish(epoch);
      database_.activate(epoch);
    });
    ASSERT_TRUE(world_.run_until([&] { return database_.is_ready(); }, 1s));
  }
  // Keeps the first connection busy while `callers` others want one of their own; which the last of them gets.
  Link& meet(Ping& busy, int callers) {
    Link& first = database_.choose(Choice::first);
    first.enqueue(busy);
    for (int caller = 1; caller < callers; ++caller) static_cast<void>(database_.choose(Choice::idle));
    return database_.choose(Choice::idle);
  }

  simulation::SimulatedWorld world_{7};
  simulation::FakeServer& server_;
  EpochGate gate_;
  Nobody nobody_;
  Standalone database_;
};

// An additional connection that was lost at a switch came back bound to the epoch before it, and never wrote again.
TEST_F(StandaloneConnections, I5_a_connection_that_is_opened_again_belongs_to_the_present_epoch) {
  activate(1);
  Ping first;
  in_turn([&] { meet(first, 64); });
  world_.run_for(100ms);
  // when the client leaves this database and comes back to it
  in_turn([&] { database_.retire(Duration::zero()); });
  activate(3);
  Ping second;
  in_turn([&] { meet(second, 64); });
  world_.run_for(100ms);
  Ping busy;
  Ping on_the_other;
  in_turn([&] {
    Link& other = meet(busy, 1);
    ASSERT_NE(&other, &database_.choose(Choice::first));
    other.enqueue(on_the_other);
  });
  world_.run_for(100ms);
  EXPECT_TRUE(busy.answered);
  EXPECT_TRUE(on_the_other.answered);
}

}  // namespace
}  // namespace meridian::database
