// DedicatedLinks: who gets a connection of one's own, how many there are, and when they go.
#include "database/dedicated_links.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "simulation/world/world.hpp"

namespace meridian::database {
namespace {

using namespace std::chrono_literals;

class Pop final : public protocol::Operation {
 public:
  Pop() : Operation(protocol::Waiting::on_loop) { let_take(Duration::max()); }
  [[nodiscard]] std::string_view bytes() const noexcept override {
    return "*3\r\n$5\r\nBLPOP\r\n$5\r\nqueue\r\n$1\r\n0\r\n";
  }
  [[nodiscard]] bool is_read() const noexcept override { return false; }
  [[nodiscard]] TimePoint deadline() const noexcept override { return TimePoint::max(); }
  void on_reply(const ReplyView&) noexcept override { answered = true; }
  void on_failure(const protocol::Failure& failure) noexcept override { delivery = failure.delivery; }
  bool answered = false;
  std::optional<Delivery> delivery;
};

class Links : public ::testing::Test, public DedicatedLinks::Owner {
 protected:
  Links() : server_(world_.add_server("east")) {
    spec_.address = server_.address();
    spec_.options.dedicated_connections = 2;
    spec_.silent_after = 250ms;
    in_turn([this] {
      links_ = std::make_unique<DedicatedLinks>(
          world_.io(), spec_, [this] { return ++last_id_; }, *this);
      links_->bind(nullptr, 0);
    });
  }
  ~Links() override {
    in_turn([this] { links_.reset(); });
    world_.run_for(1s);
    EXPECT_EQ(world_.network().open_streams(), 0U);
    EXPECT_EQ(world_.scheduler().live_timers(), 0U);
  }

  template <class Task>
  void in_turn(Task task) {
    const io::Turn turn(world_.io().loop);
    task();
  }
  // At once; null if there is none.
  [[nodiscard]] std::shared_ptr<Link> take(std::size_t waiting = 1) {
    std::shared_ptr<Link> link;
    in_turn([&] { link = links_->take(waiting); });
    return link;
  }
  // Asks until there is one.
  [[nodiscard]] std::shared_ptr<Link> take_when_there() {
    std::shared_ptr<Link> link;
    EXPECT_TRUE(world_.run_until([&] { return (link = take()) != nullptr; }, 10s));
    return link;
  }
  void give_back(const std::shared_ptr<Link>& link, DedicatedLinks::State state) {
    in_turn([&] { links_->give_back(link, state); });
  }

  void on_dedicated_ready() override { ++ready_; }
  void on_dedicated_connected() override {}
  void on_dedicated_lost(const LinkEnd&, LinkId) override { ++lost_; }
  void on_dedicated_silent(const protocol::OwedSummary&, LinkId) override { ++silent_; }
  void on_credentials_refused(const std::string&) override {}

  simulation::SimulatedWorld world_{11};
  simulation::FakeServer& server_;
  LinkSpec spec_;
  LinkId last_id_ = 0;
  int ready_ = 0;
  int lost_ = 0;
  int silent_ = 0;
  std::unique_ptr<DedicatedLinks> links_;
};

TEST_F(Links, are_opened_when_they_are_wanted_and_announced_when_they_are_there) {
  world_.run_for(1s);
  EXPECT_EQ(server_.clients(), 0U);
  EXPECT_EQ(take(), nullptr);
  world_.run_for(100ms);
  EXPECT_EQ(ready_, 1);
  EXPECT_EQ(server_.clients(), 1U);
  const auto link = take();
  ASSERT_NE(link, nullptr);
  EXPECT_TRUE(link->is_idle());
}

TEST_F(Links, are_as_many_as_wait_for_one_but_no_more_than_allowed) {
  EXPECT_EQ(take(5), nullptr);
  EXPECT_EQ(take(5), nullptr);
  world_.run_for(100ms);
  EXPECT_EQ(server_.clients(), 2U);
  const auto one = take();
  const auto other = take();
  ASSERT_TRUE(one != nullptr && other != nullptr);
  EXPECT_NE(one, other);
  EXPECT_EQ(take(), nullptr);
  world_.run_for(100ms);
  EXPECT_EQ(server_.clients(), 2U);
}

TEST_F(Links, serve_the_next_when_they_come_back_clean_and_are_closed_otherwise) {
  const auto clean = take_when_there();
  const int before = ready_;
  give_back(clean, DedicatedLinks::State::clean);
  EXPECT_EQ(ready_, before + 1);
  EXPECT_EQ(take(), clean);
  give_back(clean, DedicatedLinks::State::unclean);
  EXPECT_TRUE(clean->is_closed());
  EXPECT_NE(take_when_there(), clean);
}

TEST_F(Links, that_still_owe_a_reply_are_closed_however_they_are_given_back) {
  const auto link = take_when_there();
  Pop pop;
  in_turn([&] { link->enqueue(pop); });
  world_.run_for(100ms);
  EXPECT_EQ(server_.blocked(), 1U);
  give_back(link, DedicatedLinks::State::clean);
  world_.run_for(100ms);
  EXPECT_EQ(server_.blocked(), 0U);
  EXPECT_EQ(pop.delivery, Delivery::in_doubt);
}

// A reviewer's find: see simulation/blocking_test.cpp.
TEST_F(Links, can_be_had_while_they_answer_their_own_idle_ping) {
  const auto link = take_when_there();
  give_back(link, DedicatedLinks::State::clean);
  ASSERT_TRUE(world_.run_until([&] { return link->owed() > 0; }, 10s));
  EXPECT_EQ(take(), link);
}

TEST_F(Links, that_were_silent_are_announced_when_they_are_heard_again) {
  const auto link = take_when_there();
  give_back(link, DedicatedLinks::State::clean);
  server_.hang();
  ASSERT_TRUE(world_.run_until([&] { return link->is_silent(); }, 10s));
  EXPECT_EQ(silent_, 1);
  EXPECT_EQ(take(), nullptr);
  const int before = ready_;
  server_.resume();
  world_.run_for(50ms);
  EXPECT_GT(ready_, before);
  EXPECT_NE(take(), nullptr);
}

TEST_F(Links, that_cannot_be_opened_are_tried_again_with_a_growing_pause) {
  server_.kill();
  for (int i = 0; i < 2000; ++i) {
    EXPECT_EQ(take(), nullptr);
    world_.run_for(5ms);
  }
  EXPECT_GE(lost_, 3);
  EXPECT_LE(lost_, 60);  // 10 s
  server_.restart();
  EXPECT_NE(take_when_there(), nullptr);
}

// A reviewer's find: fifty callers tried the same wrong password at once, and again after milliseconds.
TEST_F(Links, Row_25_with_refused_credentials_are_tried_one_at_a_time_and_not_in_a_tight_loop) {
  spec_.options.dedicated_connections = 50;
  server_.set_password("rotated");
  EXPECT_EQ(take(50), nullptr);
  world_.run_for(100ms);
  const auto before = world_.network().connections_made();
  for (int i = 0; i < 2000; ++i) {
    EXPECT_EQ(take(50), nullptr);
    world_.run_for(5ms);
  }
  EXPECT_LE(world_.network().connections_made() - before, 4U);  // after 1, 2, 4 s
  server_.set_password(std::nullopt);
  EXPECT_NE(take_when_there(), nullptr);
  EXPECT_EQ(take(50), nullptr);
  world_.run_for(100ms);
  EXPECT_EQ(server_.clients(), 50U);
}

TEST_F(Links, that_nobody_wants_any_more_are_closed) {
  const auto link = take_when_there();
  give_back(link, DedicatedLinks::State::clean);
  world_.run_for(65s);
  EXPECT_TRUE(link->is_closed());
  EXPECT_EQ(server_.clients(), 0U);
  EXPECT_NE(take_when_there(), nullptr);  // others are opened all the same
}

TEST_F(Links, that_are_taken_are_not_closed_for_being_old) {
  const auto link = take_when_there();
  world_.run_for(5min);
  EXPECT_TRUE(link->is_ready());
}

TEST_F(Links, FO_4_are_retired_with_what_they_carry) {
  const auto link = take_when_there();
  Pop pop;
  in_turn([&] { link->enqueue(pop); });
  world_.run_for(100ms);
  in_turn([&] { links_->retire(500ms); });
  world_.run_for(400ms);
  EXPECT_EQ(pop.delivery, std::nullopt);  // it may still be answered
  world_.run_for(200ms);
  EXPECT_EQ(pop.delivery, Delivery::in_doubt);
  EXPECT_TRUE(link->is_closed());
  give_back(link, DedicatedLinks::State::clean);  // whoever had it may do so at any time
  const auto next = take_when_there();
  in_turn([&] { links_->retire(0ms); });
  EXPECT_TRUE(next->is_closed());
}

}  // namespace
}  // namespace meridian::database
