// A proxy between clients and a real server that does to connections what networks do, and worse: at random moments it
// cuts them (FIN and RST), delays and splits what passes, stops passing it on, swallows or truncates replies, and puts
// garbage or pushes between them. It never makes one valid reply out of another: that nobody could notice.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "stress/dice.hpp"
#include "stress/reply_ends.hpp"

namespace meridian::stress {

enum class Harm { refuse, ignore, cut, reset, truncate, swallow, garbage, push, stall, pause, split, drop_request };
inline constexpr std::size_t harms = 12;
[[nodiscard]] std::string_view to_string(Harm harm) noexcept;

class ChaosProxy {
 public:
  enum class Pushes { no, yes };  // only RESP3 knows them

  ChaosProxy(std::uint16_t server, std::uint64_t seed, std::uint64_t bytes_between_harms, Pushes pushes);
  ChaosProxy(const ChaosProxy&) = delete;
  ChaosProxy& operator=(const ChaosProxy&) = delete;
  // Ends all connections.
  ~ChaosProxy();

  [[nodiscard]] std::string uri() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  // How often each was done. Any thread.
  [[nodiscard]] std::uint64_t done(Harm harm) const noexcept { return done_[static_cast<std::size_t>(harm)]; }

 private:
  enum class Way { keep_alive, finish, reset };

  // What goes one way.
  struct Stream {
    std::string waiting{};  // to be sent on
    std::size_t sent = 0;   // of it
    Clock::time_point not_before{};
    std::uint64_t singly = 0;  // so many sends of one byte each
    bool swallows = false;     // what comes is dropped
    bool full() const noexcept { return waiting.size() - sent > (1 << 20); }
    bool has_more() const noexcept { return sent < waiting.size(); }
  };
  struct Connection {
    int client = -1;
    int server = -1;
    Stream requests{};
    Stream replies{};
    ReplyEnds ends{};
    std::int64_t until_harm = 0;
    Way way = Way::keep_alive;  // otherwise: once `replies` is sent on
    bool over = false;
  };

  void run();
  void accept_one();
  void take(Connection& connection, int from, Clock::time_point now);
  void harm_requests(Connection& connection, std::string_view bytes, Clock::time_point now);
  void harm_replies(Connection& connection, std::string_view bytes, Clock::time_point now);
  void pass_on(Connection& connection, Stream& stream, int to, Clock::time_point now);
  void end(Connection& connection) noexcept;
  void stall(Stream& stream, Clock::time_point now);
  void did(Harm harm) noexcept { ++done_[static_cast<std::size_t>(harm)]; }
  [[nodiscard]] std::int64_t next_harm();

  const std::uint16_t server_;
  const std::uint64_t bytes_between_harms_;
  const Pushes pushes_;
  Dice dice_;
  int listener_ = -1;
  int stop_ = -1;  // an eventfd
  std::uint16_t port_ = 0;
  std::array<std::atomic<std::uint64_t>, harms> done_{};
  std::list<Connection> connections_;
  std::vector<char> room_;
  std::thread thread_;
};

}  // namespace meridian::stress
