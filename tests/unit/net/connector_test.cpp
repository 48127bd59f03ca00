// Connecting: outcomes, their reasons, and attempts that are dropped.
#include "net/connector.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "integration/support/certificates.hpp"
#include "net/connection_race.hpp"
#include "unit/net/on_loop.hpp"
#include "unit/net/peer.hpp"

namespace meridian::net {
namespace {

using io::ConnectOutcome;
using io::IoStatus;
using namespace std::chrono_literals;

TcpEndpoint endpoint_of(const char* address) { return {asio::ip::make_address(address), 0}; }

// A world of names for the tests that need one. May block: it runs on the resolver's threads.
Resolved names(const std::string& host) {
  if (host == "two") return {IoStatus::ok, {endpoint_of("127.0.0.1"), endpoint_of("127.0.0.2")}, {}};
  // Linux connects no TCP to the broadcast address, whatever the routes.
  if (host == "dead-first") return {IoStatus::ok, {endpoint_of("127.0.0.3"), endpoint_of("127.0.0.1")}, {}};
  if (host == "mixed") return {IoStatus::ok, {endpoint_of("::1"), endpoint_of("127.0.0.1")}, {}};
  if (host == "half-dead") return {IoStatus::ok, {endpoint_of("255.255.255.255"), endpoint_of("127.0.0.1")}, {}};
  return look_up(host, NameLookup::full);
}

class ConnectorTest : public ::testing::Test {
 protected:
  void TearDown() override { loop_.stop(); }

  void start(const std::string& host, std::uint16_t port, Happening<ConnectOutcome>& outcome) {
    on(loop_, [&] {
      auto inside = std::make_shared<bool>(true);
      attempt_ = connector_.connect({host, port}, options_, [this, inside, &outcome](ConnectOutcome result) {
        EXPECT_TRUE(loop_.inside());
        EXPECT_FALSE(*inside) << "called inside connect";
        attempt_.reset();  // as the link does
        outcome.happened(std::move(result));
      });
      *inside = false;
    });
  }

  // The outcome's stream, if any, is kept until the loop has stopped.
  ConnectOutcome connect(const std::string& host, std::uint16_t port) {
    Happening<ConnectOutcome> happening;
    start(host, port, happening);
    ConnectOutcome outcome = happening.await();
    stream_ = std::move(outcome.stream);
    return outcome;
  }

  Loop loop_;
  Connector connector_{loop_, names};
  io::SocketOptions options_;
  std::unique_ptr<io::ConnectAttempt> attempt_;
  std::unique_ptr<io::Stream> stream_;
};

TEST_F(ConnectorTest, Connector_connects_to_a_numeric_address) {
  PeerListener listener;
  const ConnectOutcome outcome = connect("127.0.0.1", listener.port());
  EXPECT_EQ(outcome.status, IoStatus::ok) << outcome.detail;
  ASSERT_NE(stream_, nullptr);
  Peer peer = listener.accept();
  EXPECT_EQ(on(loop_, [&] { return stream_->try_write("hello").bytes; }), 5U);
  EXPECT_EQ(peer.receive(), "hello");
}

TEST_F(ConnectorTest, Connector_connects_to_a_name) {
  PeerListener listener;
  EXPECT_EQ(connect("localhost", listener.port()).status, IoStatus::ok);
  EXPECT_NE(stream_, nullptr);
}

TEST_F(ConnectorTest, Connector_names_the_address_that_refused) {
  SilentPort port;
  const ConnectOutcome outcome = connect("127.0.0.1", port.port());
  EXPECT_EQ(outcome.status, IoStatus::refused);
  EXPECT_EQ(outcome.detail, "127.0.0.1:" + std::to_string(port.port()) + ": connection refused");
  EXPECT_EQ(stream_, nullptr);
}

TEST_F(ConnectorTest, Connector_tries_the_next_address_when_one_refuses) {
  PeerListener listener(INADDR_LOOPBACK + 1);
  const ConnectOutcome outcome = connect("two", listener.port());
  EXPECT_EQ(outcome.status, IoStatus::ok);
  EXPECT_EQ(outcome.detail, "127.0.0.2:" + std::to_string(listener.port()));
}

TEST_F(ConnectorTest, Connector_is_refused_when_every_address_refused) {
  SilentPort port;
  const ConnectOutcome outcome = connect("two", port.port());
  const std::string number = std::to_string(port.port());
  EXPECT_EQ(outcome.status, IoStatus::refused);
  EXPECT_EQ(outcome.detail, "two:" + number + " (127.0.0.1:" + number + ": connection refused; 127.0.0.2:" + number +
                                ": connection refused)");
}

TEST_F(ConnectorTest, Connector_is_not_refused_when_one_address_was_unreachable) {
  SilentPort port;
  const ConnectOutcome outcome = connect("half-dead", port.port());
  EXPECT_EQ(outcome.status, IoStatus::unreachable) << outcome.detail;
  EXPECT_NE(outcome.detail.find("255.255.255.255"), std::string::npos) << outcome.detail;
}

// An address of this machine whose port answers nothing, as a host whose packets are dropped: its queue is full.
class MutePort {
 public:
  MutePort(in_addr_t address, std::uint16_t port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(address);
    name.sin_port = htons(port);
    const auto* const to = reinterpret_cast<const sockaddr*>(&name);
    listener_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(listener_.number(), to, sizeof name) != 0 || ::listen(listener_.number(), 0) != 0) {
      throw std::system_error(errno, std::generic_category(), "mute port");
    }
    for (int i = 0; i < 4; ++i) {
      fillers_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      static_cast<void>(::connect(fillers_.back().number(), to, sizeof name));
    }
  }

 private:
  Descriptor listener_;
  std::vector<Descriptor> fillers_;
};

TEST_F(ConnectorTest, row_18_a_dead_address_in_front_of_one_that_is_alive_costs_less_than_250_ms) {
  PeerListener alive;
  const MutePort dead(INADDR_LOOPBACK + 2, alive.port());
  const auto start = std::chrono::steady_clock::now();
  const ConnectOutcome outcome = connect("dead-first", alive.port());
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(outcome.status, IoStatus::ok) << outcome.detail;
  EXPECT_EQ(outcome.detail, "127.0.0.1:" + std::to_string(alive.port()));
  EXPECT_GE(took, 90ms) << "the first address had its chance";
  EXPECT_LT(took, 250ms);
}

TEST_F(ConnectorTest, row_18_a_dead_IPv6_address_does_not_keep_from_the_IPv4_one) {
  PeerListener alive;  // nobody listens at [::1], or there is no IPv6 at all
  const auto start = std::chrono::steady_clock::now();
  const ConnectOutcome outcome = connect("mixed", alive.port());
  EXPECT_EQ(outcome.status, IoStatus::ok) << outcome.detail;
  EXPECT_LT(std::chrono::steady_clock::now() - start, 90ms) << "a failure starts the next at once";
}

TEST_F(ConnectorTest, Connector_leaves_the_others_when_one_address_has_won) {
  PeerListener alive;
  const MutePort dead(INADDR_LOOPBACK + 2, alive.port());
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
  };
  const auto before = descriptors();
  ASSERT_EQ(connect("dead-first", alive.port()).status, IoStatus::ok);
  EXPECT_EQ(descriptors(), before + 1);
}

TEST_F(ConnectorTest, Connector_says_which_addresses_it_waits_for) {
  PeerListener alive;
  const MutePort dead(INADDR_LOOPBACK + 2, alive.port());
  Happening<ConnectOutcome> happening;
  start("127.0.0.3", alive.port(), happening);
  EXPECT_EQ(on(loop_, [&] { return attempt_->waiting_for(); }), "127.0.0.3:" + std::to_string(alive.port()));
}

TEST(ConnectionRace, families_take_turns_in_the_order_of_their_resolution) {
  const TcpEndpoint a6 = endpoint_of("2001:db8::1");
  const TcpEndpoint b6 = endpoint_of("2001:db8::2");
  const TcpEndpoint c6 = endpoint_of("2001:db8::3");
  const TcpEndpoint a4 = endpoint_of("192.0.2.1");
  const TcpEndpoint b4 = endpoint_of("192.0.2.2");
  EXPECT_EQ(in_turns({a6, b6, c6, a4}), (std::vector{a6, a4, b6, c6}));
  EXPECT_EQ(in_turns({a4, b4, a6}), (std::vector{a4, a6, b4}));
  EXPECT_EQ(in_turns({a4, b4}), (std::vector{a4, b4}));
  EXPECT_EQ(in_turns({}), std::vector<TcpEndpoint>());
}

// A server at a Unix socket.
class UnixListener {
 public:
  explicit UnixListener(const std::string& path, int backlog = 64) {
    const SocketAddress name = SocketAddress::of_unix(path);
    listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(listener_.number(), name.data(), name.size) != 0 || ::listen(listener_.number(), backlog) != 0) {
      throw std::system_error(errno, std::generic_category(), "unix listener");
    }
  }
  [[nodiscard]] Peer accept() { return Peer(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC)); }

 private:
  Descriptor listener_;
};

class UnixConnector : public ConnectorTest {
 protected:
  void start_at(Happening<ConnectOutcome>& happening) {
    on(loop_, [&] {
      attempt_ = connector_.connect({.path = path_}, options_, [this, &happening](ConnectOutcome outcome) {
        attempt_.reset();
        happening.happened(std::move(outcome));
      });
    });
  }
  ConnectOutcome connect_there() {
    Happening<ConnectOutcome> happening;
    start_at(happening);
    ConnectOutcome outcome = happening.await();
    stream_ = std::move(outcome.stream);
    return outcome;
  }

  testing::TemporaryFolder folder_;
  std::string path_ = folder_.path() + "/a.sock";
};

TEST_F(UnixConnector, Connector_connects_to_a_unix_socket_and_skips_what_is_for_TCP) {
  UnixListener listener(path_);
  options_ = {.tcp_user_timeout = 4s, .keepalive_idle = 5s, .keepalive_interval = 1s, .keepalive_count = 3};
  const ConnectOutcome outcome = connect_there();
  ASSERT_EQ(outcome.status, IoStatus::ok) << outcome.detail;
  EXPECT_EQ(outcome.detail, "unix:" + path_);
  Peer peer = listener.accept();
  EXPECT_EQ(on(loop_, [&] { return stream_->try_write("hello").bytes; }), 5U);
  EXPECT_EQ(peer.receive(), "hello");
  peer.send("back");
  Happening<std::string> heard;
  on(loop_, [&] {
    stream_->wait_readable([&] {
      std::string space(16, ' ');
      space.resize(stream_->try_read(space).bytes);
      heard.happened(std::move(space));
    });
  });
  EXPECT_EQ(heard.await(), "back");
}

TEST_F(UnixConnector, Connector_is_refused_where_there_is_no_unix_socket) {
  ConnectOutcome outcome = connect_there();
  EXPECT_EQ(outcome.status, IoStatus::refused);
  EXPECT_EQ(outcome.detail, "unix:" + path_ + ": connection refused (No such file or directory)");
  { const UnixListener gone(path_); }
  outcome = connect_there();
  EXPECT_EQ(outcome.status, IoStatus::refused);
  EXPECT_EQ(outcome.detail, "unix:" + path_ + ": connection refused");
}

TEST_F(UnixConnector, Connector_waits_for_room_at_a_unix_socket_whose_server_does_not_accept) {
  UnixListener listener(path_, 0);
  ASSERT_EQ(connect_there().status, IoStatus::ok);  // takes the one place
  const auto first = std::move(stream_);
  Happening<ConnectOutcome> happening;
  start_at(happening);
  on(loop_, [] {});
  EXPECT_TRUE(on(loop_, [&] { return attempt_ != nullptr; })) << "still trying";
  const Peer peer = listener.accept();
  ConnectOutcome outcome = happening.await();
  EXPECT_EQ(outcome.status, IoStatus::ok) << outcome.detail;
  stream_ = std::move(outcome.stream);
}

TEST_F(ConnectorTest, Connector_says_when_a_name_has_no_address) {
  const ConnectOutcome outcome = connect("no..such..name", 6379);
  EXPECT_EQ(outcome.status, IoStatus::not_resolved);
  EXPECT_TRUE(outcome.detail.starts_with("no..such..name:6379: name not resolved (")) << outcome.detail;
}

TEST_F(ConnectorTest, Connector_calls_a_lack_of_descriptors_our_own_fault) {
  PeerListener listener;
  Happening<ConnectOutcome> happening;
  on(loop_, [&] {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    attempt_ = connector_.connect({"127.0.0.1", listener.port()}, options_,
                                  [&](ConnectOutcome outcome) { happening.happened(std::move(outcome)); });
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  });
  EXPECT_EQ(happening.await().status, IoStatus::local);
}

TEST_F(ConnectorTest, Connector_sets_what_the_options_say) {
  PeerListener listener;
  options_ = {.tcp_user_timeout = 4s, .keepalive_idle = 5s, .keepalive_interval = 1500ms, .keepalive_count = 3};
  ASSERT_EQ(connect("127.0.0.1", listener.port()).status, IoStatus::ok);

  int descriptor = -1;  // the stream does not tell
  for (int candidate = 0; candidate < 1024 && descriptor < 0; ++candidate) {
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    if (::getpeername(candidate, reinterpret_cast<sockaddr*>(&peer), &length) == 0 &&
        ntohs(peer.sin_port) == listener.port()) {
      descriptor = candidate;
    }
  }
  ASSERT_GE(descriptor, 0);
  const auto option = [descriptor](int level, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    EXPECT_EQ(::getsockopt(descriptor, level, name, &value, &length), 0);
    return value;
  };
  EXPECT_EQ(option(IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 4000);
  EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), 5);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPINTVL), 2);  // whole seconds, never shorter
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPCNT), 3);
  EXPECT_NE(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(::fcntl(descriptor, F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(ConnectorTest, Connector_never_calls_the_handler_of_a_dropped_attempt) {
  PeerListener listener;
  SilentPort silent;
  const auto held = std::make_shared<int>(0);
  const auto unwanted = [held](const ConnectOutcome&) { ADD_FAILURE() << "dropped"; };
  on(loop_, [&] {
    attempt_ = connector_.connect({"127.0.0.1", listener.port()}, options_, unwanted);
    attempt_.reset();
    attempt_ = connector_.connect({"127.0.0.1", silent.port()}, options_, unwanted);
    attempt_.reset();
    attempt_ = connector_.connect({"localhost", listener.port()}, options_, unwanted);
    attempt_.reset();
  });
  // What comes after all of these have ended.
  EXPECT_EQ(connect("127.0.0.1", listener.port()).status, IoStatus::ok);
  EXPECT_EQ(connect("localhost", listener.port()).status, IoStatus::ok);
  EXPECT_EQ(held.use_count(), 2);  // this one and `unwanted`
}

// Names whose server is silent until the test says otherwise.
class SilentNameServer {
 public:
  Resolver::Lookup lookup() {
    return [state = state_](const std::string& host) {
      if (host == "silent") {
        ++state->asked;
        state->speaks.wait();
      }
      return Resolved{IoStatus::ok, {endpoint_of("127.0.0.1")}, {}};
    };
  }
  void speak() { state_->voice.set_value(); }
  [[nodiscard]] int asked() const { return state_->asked; }

 private:
  struct State {
    std::promise<void> voice;
    std::shared_future<void> speaks = voice.get_future().share();
    std::atomic<int> asked{0};
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();  // lookups outlive the test's connector
};

class SilentName : public ::testing::Test {
 protected:
  void TearDown() override {
    loop_.stop();
    attempts_.clear();
  }

  void start(const std::string& host, std::function<void(ConnectOutcome)> handler) {
    on(loop_, [&] { attempts_.push_back(connector_->connect({host, listener_.port()}, {}, std::move(handler))); });
  }

  PeerListener listener_;
  SilentNameServer server_;
  Loop loop_;
  std::unique_ptr<Connector> connector_ = std::make_unique<Connector>(loop_, server_.lookup());
  std::vector<std::unique_ptr<io::ConnectAttempt>> attempts_;
};

TEST_F(SilentName, Resolver_lets_other_names_pass_a_silent_one) {
  Happening<IoStatus> silent;
  Happening<IoStatus> other;
  start("silent", [&](const ConnectOutcome& outcome) { silent.happened(outcome.status); });
  start("other", [&](const ConnectOutcome& outcome) { other.happened(outcome.status); });
  EXPECT_EQ(other.await(), IoStatus::ok);
  server_.speak();
  EXPECT_EQ(silent.await(), IoStatus::ok);
}

TEST_F(SilentName, Resolver_asks_once_for_all_who_wait_for_the_same_name_and_anew_afterwards) {
  Happening<IoStatus> outcomes[4];
  for (int i = 0; i < 3; ++i) {
    start("silent", [&outcome = outcomes[i]](const ConnectOutcome& result) { outcome.happened(result.status); });
  }
  server_.speak();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(outcomes[i].await(), IoStatus::ok);
  EXPECT_EQ(server_.asked(), 1);

  start("silent", [&](const ConnectOutcome& result) { outcomes[3].happened(result.status); });
  EXPECT_EQ(outcomes[3].await(), IoStatus::ok);
  EXPECT_EQ(server_.asked(), 2);
}

TEST_F(SilentName, Resolver_does_not_call_an_attempt_that_was_dropped_while_its_name_was_looked_up) {
  Happening<IoStatus> kept;
  start("silent", [](const ConnectOutcome&) { ADD_FAILURE() << "dropped"; });
  on(loop_, [&] { attempts_.clear(); });
  start("silent", [&](const ConnectOutcome& outcome) { kept.happened(outcome.status); });
  server_.speak();
  EXPECT_EQ(kept.await(), IoStatus::ok);
}

TEST_F(SilentName, Resolver_is_destroyed_without_waiting_for_a_silent_name) {
  start("silent", [](const ConnectOutcome&) { ADD_FAILURE() << "the connector is gone"; });
  loop_.stop();
  attempts_.clear();
  connector_.reset();
  server_.speak();  // the lookup ends after the one who asked
}

}  // namespace
}  // namespace meridian::net
