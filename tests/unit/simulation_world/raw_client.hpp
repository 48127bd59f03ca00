// The smallest client there can be: raw bytes over an io::Stream, for tests of the simulated world itself.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "simulation/world/world.hpp"

namespace meridian::simulation {

// "*2\r\n$3\r\nGET\r\n…" of words.
inline std::string wire(std::initializer_list<std::string_view> words) {
  std::string bytes = "*";
  bytes.append(std::to_string(words.size())).append("\r\n");
  for (const std::string_view word : words) bytes += bulk_reply(word);
  return bytes;
}

// Connects at once, sends what it is told as the socket takes it, collects what comes.
class RawClient {
 public:
  RawClient(SimulatedWorld& world, const FakeServer& server, const io::SocketOptions& options = {}) : world_(world) {
    attempt_ = world.io().connector.connect(server.address(), options, [this](io::ConnectOutcome outcome) {
      EXPECT_TRUE(world_.io().loop.inside());
      connected_at = world_.now();
      connect_status = outcome.status;
      detail = outcome.detail;
      stream = std::move(outcome.stream);
      if (stream == nullptr) return;
      listen();
      flush();
    });
  }

  void send(std::string_view bytes) {
    unsent.append(bytes);
    flush();
  }
  void send(std::initializer_list<std::string_view> words) { send(wire(words)); }

  // Sends one command and runs the world until its reply, which is taken out of `received`; the text so far if none
  // comes within `limit`.
  std::string call(std::initializer_list<std::string_view> words, Duration limit = std::chrono::seconds(1)) {
    send(words);
    resp::Scanner scanner;
    const bool done = world_.run_until(
        [&] { return !received.empty() && scanner.scan(received) == resp::ScanStatus::complete; }, limit);
    return done ? std::exchange(received, received.substr(scanner.length())).substr(0, scanner.length()) : received;
  }

  void abandon_attempt() { attempt_.reset(); }

  std::unique_ptr<io::Stream> stream;
  std::optional<io::IoStatus> connect_status;
  std::string detail;
  TimePoint connected_at{};
  std::string unsent;
  std::string received;
  TimePoint last_read_at{};
  int reads = 0;                        // that gave bytes
  std::optional<io::IoStatus> ended;    // what ended the reading
  std::optional<io::IoStatus> refused;  // what ended the writing
  TimePoint ended_at{};

 private:
  void flush() {
    while (stream != nullptr && !unsent.empty()) {
      const io::IoResult written = stream->try_write(unsent);
      if (written.status == io::IoStatus::would_block) {
        stream->wait_writable([this] { flush(); });
        return;
      }
      if (written.status != io::IoStatus::ok) {
        refused = written.status;
        return;
      }
      unsent.erase(0, written.bytes);
    }
  }

  void listen() {
    stream->wait_readable([this] {
      std::array<char, 4096> buffer;
      for (;;) {
        const io::IoResult got = stream->try_read(buffer);
        if (got.status == io::IoStatus::would_block) break;
        if (got.status != io::IoStatus::ok) {
          ended = got.status;
          ended_at = world_.now();
          return;
        }
        received.append(buffer.data(), got.bytes);
        last_read_at = world_.now();
        ++reads;
      }
      listen();
    });
  }

  SimulatedWorld& world_;
  std::unique_ptr<io::ConnectAttempt> attempt_;
};

}  // namespace meridian::simulation
