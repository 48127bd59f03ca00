// A client's TLS on a stream in memory, and a server's end that the test feeds by hand: every byte in between is seen.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "integration/support/certificates.hpp"
#include "integration/support/tls_server_end.hpp"
#include "net/tls_handshake.hpp"
#include "net/tls_loading.hpp"
#include "net/tls_stream.hpp"

namespace meridian::net {

using io::IoResult;
using io::IoStatus;
using testing::Authority;
using testing::CertificateSpec;
using testing::Identity;
using testing::TlsServerEnd;
using testing::TlsServerOptions;

// What was posted runs when the test says so.
class ManualExecutor final : public io::Executor {
 public:
  void post(io::Task task) override { tasks.push_back(std::move(task)); }
  [[nodiscard]] bool inside() const noexcept override { return true; }
  [[nodiscard]] std::unique_ptr<io::Timer> make_timer() override { return nullptr; }
  void run() {
    while (!tasks.empty()) {
      const io::Task task = std::move(tasks.front());
      tasks.pop_front();
      task();
    }
  }
  std::deque<io::Task> tasks;
};

// The two directions of a connection, with as much room as the test gives.
struct Wire {
  std::string to_peer{};
  std::string from_peer{};
  std::size_t room = std::string::npos;        // how much more is accepted
  IoStatus read_end = IoStatus::would_block;   // what reading says when from_peer is empty
  IoStatus write_end = IoStatus::would_block;  // what writing says when there is no room
  int reads = 0;
  io::Task readable{};
  io::Task writable{};
  bool closed = false;

  std::string take() { return std::exchange(to_peer, {}); }
};

class MemoryStream final : public io::Stream {
 public:
  explicit MemoryStream(Wire& wire) : wire_(wire) {}
  IoResult try_write(std::string_view bytes) noexcept override {
    const std::size_t count = std::min(bytes.size(), wire_.room);
    if (count == 0) return {wire_.write_end, 0};
    wire_.to_peer += bytes.substr(0, count);
    if (wire_.room != std::string::npos) wire_.room -= count;
    return {IoStatus::ok, count};
  }
  IoResult try_read(std::span<char> into) noexcept override {
    ++wire_.reads;
    const std::size_t count = wire_.from_peer.copy(into.data(), into.size());
    wire_.from_peer.erase(0, count);
    return count > 0 ? IoResult{IoStatus::ok, count} : IoResult{wire_.read_end, 0};
  }
  void wait_readable(io::Task task) override { wire_.readable = std::move(task); }
  void wait_writable(io::Task task) override { wire_.writable = std::move(task); }
  [[nodiscard]] bool can_read_wait() const noexcept override { return true; }
  void unwatch() noexcept override { wire_.readable = nullptr; }
  IoResult read_wait(std::span<char> into, io::ReadWait) noexcept override { return try_read(into); }
  void close() noexcept override { wire_.closed = true; }

 private:
  Wire& wire_;
};

class TlsPair : public ::testing::Test {
 protected:
  [[nodiscard]] TlsOptions trusting() const {
    TlsOptions tls;
    tls.enabled = true;
    tls.ca_pem = authority.pem();
    return tls;
  }

  [[nodiscard]] TlsServerOptions server_with(const CertificateSpec& spec) const { return {authority.issue(spec)}; }

  void begin(const TlsServerOptions& server_options, const TlsOptions& tls, const std::string& host = "redis.test") {
    end();
    server = std::make_unique<TlsServerEnd>(server_options);
    begin_alone(tls, host);
  }

  // With nobody at the other end but the test.
  void begin_alone(const TlsOptions& tls, const std::string& host = "redis.test") {
    Result<SslContext> made = make_ssl_context(tls, "tls");
    ASSERT_TRUE(made) << made.error().what();
    context = std::move(*made);
    handshake = std::make_shared<TlsHandshake>(executor, std::make_unique<MemoryStream>(wire),
                                               TlsSession::make(context.get(), tls, host), "here",
                                               [this](io::ConnectOutcome result) { outcome = std::move(result); });
    handshake->start();
  }

  // Of one connection, so that a test may make several.
  void end() {
    handshake.reset();
    stream.reset();
    outcome.reset();
    wire = {};
    sent.clear();
  }

  // Carries bytes both ways until there are none. Gives what the server could read.
  std::string carry() {
    std::string plaintext;
    for (;;) {
      const std::string out = wire.take();
      sent += out;
      if (!out.empty()) plaintext += server->feed(out);
      const std::string in = server->take();
      wire.from_peer += in;
      const io::Task ready = in.empty() ? nullptr : std::exchange(wire.readable, nullptr);
      if (ready) ready();
      if (out.empty() && in.empty()) return plaintext;
    }
  }

  // A connection that is ready for use.
  void connect(const TlsServerOptions& server_options, const TlsOptions& tls) {
    begin(server_options, tls);
    carry();
    ASSERT_TRUE(outcome.has_value());
    ASSERT_EQ(outcome->status, IoStatus::ok) << outcome->detail;
    stream = std::move(outcome->stream);
    drain();
  }
  void connect() { connect(server_with({.dns_names = {"redis.test"}}), trusting()); }

  // Reads what TLS 1.3 sends behind the handshake.
  void drain() { EXPECT_EQ(stream->try_read(space).status, IoStatus::would_block); }

  std::string read(std::size_t most = 65536) {
    const IoResult got = stream->try_read(std::span(space).first(most));
    status = got.status;
    return {space, got.bytes};
  }

  Authority authority;
  ManualExecutor executor;
  Wire wire;
  std::string sent;  // every byte that `carry` gave the server
  std::unique_ptr<TlsServerEnd> server;
  SslContext context;
  std::shared_ptr<TlsHandshake> handshake;
  std::optional<io::ConnectOutcome> outcome;
  std::unique_ptr<io::Stream> stream;
  IoStatus status = IoStatus::ok;
  char space[65536];
};

}  // namespace meridian::net
