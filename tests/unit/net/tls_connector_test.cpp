// TLS over real sockets: the connector's part of it, and one thread that reads while another writes.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>

#include "integration/support/certificates.hpp"
#include "integration/support/tls_server_end.hpp"
#include "net/connector.hpp"
#include "unit/net/on_loop.hpp"
#include "unit/net/peer.hpp"

namespace meridian::net {
namespace {

using io::ConnectOutcome;
using io::IoResult;
using io::IoStatus;
using namespace std::chrono_literals;
using testing::Authority;
using testing::TlsServerEnd;

class TlsConnector : public ::testing::Test {
 protected:
  TlsConnector() {
    tls_.enabled = true;
    tls_.ca_pem = authority_.pem();
  }
  void TearDown() override { loop_.stop(); }

  void start(Happening<ConnectOutcome>& happening, const std::string& host = "127.0.0.1") {
    on(loop_, [&] {
      attempt_ =
          connector_.connect({host, listener_.port()}, {.tls = &tls_}, [this, &happening](ConnectOutcome outcome) {
            attempt_.reset();
            happening.happened(std::move(outcome));
          });
    });
  }

  // Serves the handshake of the next connection; then the pair is ready, or the server has failed.
  Peer shake_hands() {
    Peer peer = listener_.accept();
    while (!server_.is_connected() && !server_.has_failed()) {
      const std::string bytes = peer.receive();
      if (bytes.empty()) break;
      server_.feed(bytes);
      const std::string answer = server_.take();
      if (!answer.empty()) peer.send(answer);
    }
    return peer;
  }

  [[nodiscard]] std::string here() const { return "127.0.0.1:" + std::to_string(listener_.port()); }

  Authority authority_;
  TlsOptions tls_;
  PeerListener listener_;
  TlsServerEnd server_{{authority_.issue({.dns_names = {"localhost"}, .addresses = {"127.0.0.1"}})}};
  Loop loop_;
  Connector connector_{loop_};
  std::unique_ptr<io::ConnectAttempt> attempt_;
  std::unique_ptr<io::Stream> stream_;
};

TEST_F(TlsConnector, Connector_gives_a_stream_when_the_server_is_verified) {
  Happening<ConnectOutcome> happening;
  start(happening);
  Peer peer = shake_hands();
  ConnectOutcome outcome = happening.await();
  ASSERT_EQ(outcome.status, IoStatus::ok) << outcome.detail;
  stream_ = std::move(outcome.stream);
  EXPECT_EQ(on(loop_, [&] { return stream_->try_write("hello").bytes; }), 5U);
  EXPECT_EQ(server_.feed(peer.receive()), "hello");
}

TEST_F(TlsConnector, Connector_names_host_and_address_when_TLS_fails) {
  tls_.server_name = "other.test";
  Happening<ConnectOutcome> happening;
  start(happening, "localhost");
  Peer peer = shake_hands();
  const ConnectOutcome outcome = happening.await();
  EXPECT_EQ(outcome.status, IoStatus::tls);
  EXPECT_EQ(outcome.stream, nullptr);
  EXPECT_EQ(outcome.detail, "localhost:" + std::to_string(listener_.port()) + " (" + here() +
                                "): TLS failed: host name mismatch: wanted other.test, the certificate is for "
                                "localhost, 127.0.0.1");
}

TEST_F(TlsConnector, row_21_a_plain_server_that_answers_is_noticed_at_once) {
  Happening<ConnectOutcome> happening;
  start(happening);
  Peer peer = listener_.accept();
  const std::string greeting = peer.receive();
  EXPECT_EQ(greeting[0], '\x16');
  peer.send("-ERR unknown command\r\n");
  EXPECT_EQ(happening.await().detail, here() + ": TLS failed: the server does not speak TLS");
}

TEST_F(TlsConnector, row_21_a_server_that_hangs_in_the_handshake_gets_nothing_but_the_greeting) {
  Happening<ConnectOutcome> happening;
  start(happening);
  Peer peer = listener_.accept();
  EXPECT_NE(peer.receive(), "");
  EXPECT_EQ(on(loop_, [&] { return attempt_->waiting_for(); }),
            "the TLS handshake with " + here() +
                ", which accepted the connection and says nothing; a server without TLS may do that");
  on(loop_, [&] { attempt_.reset(); });
  EXPECT_EQ(peer.receive(), "") << "closed";
}

TEST_F(TlsConnector, Connector_without_usable_files_fails_and_says_which) {
  tls_.ca_file = "/nowhere/ca.pem";
  Happening<ConnectOutcome> happening;
  start(happening);
  const Peer peer = listener_.accept();
  const ConnectOutcome outcome = happening.await();
  EXPECT_EQ(outcome.status, IoStatus::tls);
  EXPECT_NE(outcome.detail.find("tls.ca_file is '/nowhere/ca.pem'"), std::string::npos) << outcome.detail;
}

// A FIFO without a writer: whoever opens it waits.
TEST_F(TlsConnector, Connector_leaves_waiting_for_files_to_others_than_the_loop) {
  const testing::TemporaryFolder folder;
  tls_.ca_file = folder.path() + "/ca.pem";
  ASSERT_EQ(::mkfifo(tls_.ca_file.c_str(), 0600), 0);
  Happening<ConnectOutcome> happening;
  start(happening);
  const Peer peer = listener_.accept();
  while (on(loop_, [&] { return attempt_->waiting_for(); }) != "the files with certificates and keys") {
    std::this_thread::yield();
  }
  { const std::ofstream writer(tls_.ca_file); }  // a file without a certificate
  const ConnectOutcome outcome = happening.await();
  EXPECT_EQ(outcome.status, IoStatus::tls);
  EXPECT_NE(outcome.detail.find("there is none in it"), std::string::npos) << outcome.detail;
}

TEST_F(TlsConnector, TlsStream_is_read_by_one_thread_and_written_by_another) {
  constexpr std::size_t total = 4 << 20;
  Happening<ConnectOutcome> happening;
  start(happening);
  Peer peer = shake_hands();
  ConnectOutcome outcome = happening.await();
  ASSERT_EQ(outcome.status, IoStatus::ok) << outcome.detail;
  stream_ = std::move(outcome.stream);
  on(loop_, [&] {
    stream_->wait_readable([] {});
    stream_->unwatch();
  });
  // The server sends back what it gets, and changes keys now and then.
  std::thread echo([&] {
    int rounds = 0;
    for (std::string bytes = peer.receive(); !bytes.empty(); bytes = peer.receive()) {
      const std::string plain = server_.feed(bytes);
      if (++rounds % 50 == 0) server_.update_keys();
      if (!plain.empty()) server_.write(plain);
      const std::string answer = server_.take();
      if (!answer.empty()) peer.send(answer);
    }
  });
  const auto byte_at = [](std::size_t i) { return static_cast<char>(i * 2654435761U >> 13); };
  std::atomic<std::size_t> received{0};
  std::thread writer([&] {
    std::string block;
    for (std::size_t offset = 0; offset < total;) {
      if (block.empty()) {
        for (std::size_t i = offset; i < std::min(offset + 100'000, total); ++i) block += byte_at(i);
      }
      const IoResult written = stream_->try_write(block);
      block.erase(0, written.bytes);
      offset += written.bytes;
      if (written.status == IoStatus::would_block) std::this_thread::yield();
      else if (written.status != IoStatus::ok) break;
    }
  });
  std::size_t wrong = 0;
  std::string space(64 << 10, '\0');
  while (received < total) {
    const IoResult got = stream_->read_wait(space, io::ReadWait::limited);
    if (got.status != IoStatus::ok && got.status != IoStatus::would_block) break;
    for (std::size_t i = 0; i < got.bytes; ++i) wrong += space[i] != byte_at(received + i) ? 1U : 0U;
    received += got.bytes;
  }
  writer.join();
  EXPECT_EQ(received, total);
  EXPECT_EQ(wrong, 0U);
  stream_->shut_down();
  echo.join();
}

}  // namespace
}  // namespace meridian::net
