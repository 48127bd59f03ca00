// A connected stream: exact transfers, waits, and its ends.
#include "net/tcp_stream.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/connector.hpp"
#include "net/steady_clock.hpp"
#include "unit/net/on_loop.hpp"
#include "unit/net/peer.hpp"

namespace meridian::net {
namespace {

using io::IoResult;
using io::IoStatus;
using namespace std::chrono_literals;

// Pairs of a stream on the loop and its peer. Streams are destroyed on the loop, or after it was stopped.
class TcpStreamTest : public ::testing::Test {
 protected:
  void TearDown() override { loop_.stop(); }

  // Opens a pair; its index is that of `streams_` and `peers_`.
  std::size_t open() {
    Happening<io::ConnectOutcome> happening;
    on(loop_, [&] {
      attempt_ = connector_.connect({"127.0.0.1", listener_.port()}, {},
                                    [&](io::ConnectOutcome outcome) { happening.happened(std::move(outcome)); });
    });
    io::ConnectOutcome outcome = happening.await();
    on(loop_, [&] {
      attempt_.reset();
      streams_.push_back(std::move(outcome.stream));
    });
    peers_.push_back(listener_.accept());
    return streams_.size() - 1;
  }

  IoResult write(std::string_view bytes) {
    return on(loop_, [&] { return streams_[0]->try_write(bytes); });
  }

  // Waits until the stream is readable, then reads once.
  IoResult await_read(std::string& into, std::size_t most = 65536) {
    into.resize(most);
    Happening<IoResult> happening;
    on(loop_, [&] { streams_[0]->wait_readable([&] { happening.happened(streams_[0]->try_read(into)); }); });
    const IoResult result = happening.await();
    into.resize(result.bytes);
    return result;
  }

  Loop loop_;
  Connector connector_{loop_};
  PeerListener listener_;
  std::unique_ptr<io::ConnectAttempt> attempt_;
  std::vector<std::unique_ptr<io::Stream>> streams_;
  std::vector<Peer> peers_;
};

TEST_F(TcpStreamTest, TcpStream_carries_bytes_both_ways) {
  open();
  EXPECT_EQ(write("ping").bytes, 4U);
  EXPECT_EQ(peers_[0].receive(), "ping");
  peers_[0].send("pong");
  std::string got;
  EXPECT_EQ(await_read(got).status, IoStatus::ok);
  EXPECT_EQ(got, "pong");
}

TEST_F(TcpStreamTest, TcpStream_would_block_when_nothing_has_come) {
  open();
  char space[16];
  const IoResult result = on(loop_, [&] { return streams_[0]->try_read(space); });
  EXPECT_EQ(result.status, IoStatus::would_block);
  EXPECT_EQ(result.bytes, 0U);
}

TEST_F(TcpStreamTest, TcpStream_takes_a_transfer_of_nothing_for_neither_progress_nor_an_end) {
  open();
  EXPECT_EQ(write("").status, IoStatus::would_block);
  EXPECT_EQ(on(loop_, [&] { return streams_[0]->try_read({}); }).status, IoStatus::would_block);
}

TEST_F(TcpStreamTest, TcpStream_is_readable_again_as_long_as_bytes_are_left) {
  open();
  peers_[0].send("abc");
  std::string got;
  for (const char* expected : {"a", "b", "c"}) {
    ASSERT_EQ(await_read(got, 1).status, IoStatus::ok);
    EXPECT_EQ(got, expected);
  }
}

TEST_F(TcpStreamTest, TcpStream_counts_exactly_what_was_accepted_and_is_writable_again_when_the_peer_reads) {
  open();
  // given a peer that does not read
  const std::string block(1 << 20, 'x');
  std::size_t accepted = 0;
  IoResult result;
  while ((result = write(block)).status == IoStatus::ok) accepted += result.bytes;
  ASSERT_EQ(result.status, IoStatus::would_block);
  ASSERT_GT(accepted, 0U);

  // when a wait for room is under way
  std::promise<void> writable;
  std::future<void> room = writable.get_future();
  on(loop_, [&] { streams_[0]->wait_writable([&] { writable.set_value(); }); });
  on(loop_, [] {});
  EXPECT_EQ(room.wait_for(0s), std::future_status::timeout) << "no room yet";

  // then it ends when the peer reads, and the peer gets what was accepted, not a byte more
  std::size_t received = 0;
  while (received < accepted) received += peers_[0].receive().size();
  await(std::move(room));
  on(loop_, [&] { streams_[0].reset(); });
  EXPECT_EQ(peers_[0].receive(), "");
  EXPECT_EQ(received, accepted);
}

TEST_F(TcpStreamTest, TcpStream_sees_the_orderly_end_after_the_last_bytes) {
  open();
  peers_[0].send("bye");
  peers_[0].close();
  std::string got;
  EXPECT_EQ(await_read(got).status, IoStatus::ok);
  EXPECT_EQ(got, "bye");
  EXPECT_EQ(await_read(got).status, IoStatus::eof);
}

TEST_F(TcpStreamTest, TcpStream_sees_a_reset_when_reading_and_when_writing) {
  open();
  peers_[0].reset();
  std::string got;
  EXPECT_EQ(await_read(got).status, IoStatus::reset);
  EXPECT_EQ(write("into the void").status, IoStatus::reset);  // and no SIGPIPE
}

TEST_F(TcpStreamTest, TcpStream_waiting_for_room_is_told_of_a_reset) {
  open();
  const std::string block(1 << 20, 'x');
  while (write(block).status == IoStatus::ok) {
  }
  Happening<IoStatus> happening;
  on(loop_, [&] { streams_[0]->wait_writable([&] { happening.happened(streams_[0]->try_write("x").status); }); });
  peers_[0].reset();
  EXPECT_EQ(happening.await(), IoStatus::reset);
}

TEST_F(TcpStreamTest, TcpStream_runs_only_the_last_of_two_waits_of_a_kind_and_not_inside_the_call) {
  open();
  peers_[0].send("x");
  Happening<bool> happening;
  on(loop_, [&] {
    auto inside = std::make_shared<bool>(true);
    streams_[0]->wait_readable([] { ADD_FAILURE() << "replaced"; });
    streams_[0]->wait_readable([&happening, inside] { happening.happened(*inside); });
    *inside = false;
  });
  EXPECT_FALSE(happening.await());
}

TEST_F(TcpStreamTest, TcpStream_waits_of_both_kinds_do_not_disturb_each_other) {
  open();
  Happening<bool> readable;
  Happening<bool> writable;
  on(loop_, [&] {
    streams_[0]->wait_readable([&] { readable.happened(true); });
    streams_[0]->wait_writable([&] { writable.happened(true); });
  });
  EXPECT_TRUE(writable.await());
  peers_[0].send("x");
  EXPECT_TRUE(readable.await());
}

TEST_F(TcpStreamTest, TcpStream_closed_runs_no_wait_and_transfers_nothing) {
  open();
  peers_[0].send("x");
  const auto held = std::make_shared<int>(0);
  char space[16];
  on(loop_, [&] {
    const auto unwanted = [held] { ADD_FAILURE() << "closed"; };
    streams_[0]->wait_readable(unwanted);
    streams_[0]->wait_writable(unwanted);
    streams_[0]->close();
    streams_[0]->close();
    streams_[0]->wait_readable(unwanted);
    EXPECT_EQ(streams_[0]->try_write("x").status, IoStatus::reset);
    EXPECT_EQ(streams_[0]->try_read(space).status, IoStatus::reset);
  });
  EXPECT_EQ(held.use_count(), 1);
  // A later wait of another stream has been through the same reactor.
  open();
  Happening<bool> later;
  on(loop_, [&] { streams_[1]->wait_writable([&] { later.happened(true); }); });
  EXPECT_TRUE(later.await());
}

TEST_F(TcpStreamTest, TcpStream_closed_by_another_task_does_not_run_a_wait_that_was_already_over) {
  // given two streams that are readable in the same turn of the reactor
  for (int i = 0; i < 2; ++i) {
    open();
    peers_.back().send("x");
  }
  // when the one that runs first closes the other
  std::atomic<int> runs = 0;
  on(loop_, [&] {
    for (const std::size_t i : {0U, 1U}) {
      streams_[i]->wait_readable([this, &runs, i] {
        ++runs;
        streams_[1 - i].reset();
      });
    }
  });
  // then the other one never runs
  open();
  Happening<bool> later;
  on(loop_, [&] { streams_[2]->wait_writable([&] { later.happened(true); }); });
  EXPECT_TRUE(later.await());
  EXPECT_EQ(runs, 1);
}

TEST_F(TcpStreamTest, TcpStream_read_wait_ends_by_itself_only_if_it_is_limited) {
  open();
  on(loop_, [&] {
    streams_[0]->wait_readable([] {});
    streams_[0]->unwatch();
  });
  std::string into(64, ' ');
  EXPECT_EQ(streams_[0]->read_wait(into, io::ReadWait::limited).status, IoStatus::would_block);
  for (const bool by_bytes : {true, false}) {
    std::promise<IoResult> ended;
    std::future<IoResult> end = ended.get_future();
    std::jthread reader([&] { ended.set_value(streams_[0]->read_wait(into, io::ReadWait::endless)); });
    EXPECT_EQ(end.wait_for(10 * io::longest_read_wait), std::future_status::timeout);
    if (by_bytes) peers_[0].send("x");
    else streams_[0]->shut_down();
    EXPECT_EQ(end.get().status, by_bytes ? IoStatus::ok : IoStatus::eof);
    if (!by_bytes) break;
    EXPECT_EQ(streams_[0]->read_wait(into, io::ReadWait::limited).status, IoStatus::would_block);
  }
}

TEST_F(TcpStreamTest, TcpStream_may_be_destroyed_by_its_own_wait) {
  open();
  peers_[0].send("x");
  Happening<bool> happening;
  on(loop_, [&] {
    streams_[0]->wait_readable([&] {
      streams_[0].reset();
      happening.happened(true);
    });
  });
  EXPECT_TRUE(happening.await());
}

// Everything at once, for the sanitizers: threads that post, streams and timers that are armed and dropped meanwhile.
TEST_F(TcpStreamTest, Loop_survives_posts_timers_and_closes_from_many_threads) {
  constexpr int pairs = 8;
  constexpr int threads = 4;
  constexpr int rounds = 500;
  for (int i = 0; i < pairs; ++i) open();
  SteadyClock clock;
  std::vector<std::unique_ptr<io::Timer>> timers;
  for (int i = 0; i < pairs; ++i) timers.push_back(loop_.make_timer());
  int wakes = 0;  // on the loop

  std::vector<std::thread> posters;
  for (int thread = 0; thread < threads; ++thread) {
    posters.emplace_back([&, thread] {
      for (int round = 0; round < rounds; ++round) {
        loop_.post([&, index = static_cast<std::size_t>((thread * rounds + round) % pairs), round] {
          io::Stream& stream = *streams_[index];
          stream.wait_readable([&wakes, &stream] {
            char space[64];
            if (stream.try_read(space).status == IoStatus::ok) ++wakes;
          });
          stream.wait_writable([&wakes, &stream] {
            if (stream.try_write("x").status == IoStatus::ok) ++wakes;
          });
          timers[index]->arm(clock.now() + std::chrono::microseconds(round % 50), [&wakes] { ++wakes; });
          if (round % 7 == 0) timers[(index + 1) % pairs]->cancel();
          if (round > rounds / 2 && index % 2 == 1) stream.close();
        });
      }
    });
  }
  for (std::size_t i = 0; i < pairs; i += 2) peers_[i].send("x");
  for (std::thread& poster : posters) poster.join();
  // The streams that were left open still serve.
  Happening<bool> writable;
  on(loop_, [&] { streams_[0]->wait_writable([&] { writable.happened(streams_[0]->try_write("x").bytes == 1); }); });
  EXPECT_TRUE(writable.await());
  on(loop_, [&] {
    timers.clear();
    streams_.clear();
  });
}

}  // namespace
}  // namespace meridian::net
