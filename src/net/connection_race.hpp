// Several addresses of one server, tried with staggered starts (RFC 8305): the first that connects wins, and one that
// drops packets costs a fraction of a second, not the whole timeout.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/connector.hpp"
#include "net/loop.hpp"
#include "net/socket.hpp"

namespace meridian::net {

// The next address is tried after so long without an answer, or as soon as one fails. RFC 8305 asks for at least this;
// with it an IPv4 address behind a dead IPv6 one is reached within 250 ms (faults, row 18).
inline constexpr Duration race_stagger = std::chrono::milliseconds(100);

struct RaceOutcome {
  Descriptor descriptor;                   // set exactly when status is ok
  io::IoStatus status = io::IoStatus::ok;  // refused only if every address refused
  std::string detail;                      // who won, or why each address failed
};

// Lives on the loop; to be held by a shared_ptr. Dropping it ends all attempts.
class ConnectionRace : public std::enable_shared_from_this<ConnectionRace> {
 public:
  using Handler = std::function<void(RaceOutcome)>;

  // REQUIRES: there is an address.
  ConnectionRace(Loop& loop, std::vector<SocketAddress> addresses, const io::SocketOptions& options, Handler handler);

  // `handler` is called once, and never inside this call.
  void start();

  // The addresses that have not answered.
  [[nodiscard]] std::string waiting_for() const;

 private:
  // One address. Not moved while Asio watches it.
  struct Runner {
    const SocketAddress* address;
    Watch watch;
  };

  enum class Start { under_way, failed, full };

  void start_next();
  [[nodiscard]] Start set_out(const SocketAddress& address);
  void watch(const SocketAddress& address, Descriptor descriptor);
  void on_decided(const SocketAddress& address);
  void note_failure(const SocketAddress& address, int error);
  void finish(RaceOutcome outcome);

  Loop& loop_;
  const std::vector<SocketAddress> addresses_;
  const io::SocketOptions options_;
  Handler handler_;
  std::unique_ptr<io::Timer> timer_;
  std::size_t next_ = 0;
  std::vector<std::unique_ptr<Runner>> runners_;
  bool over_ = false;
  io::IoStatus failure_ = io::IoStatus::ok;
  std::string failures_;
};

// The order in which addresses are tried: as resolved, but the families take turns (RFC 8305, section 4), so that a
// family that does not work is not asked twice in a row.
[[nodiscard]] std::vector<TcpEndpoint> in_turns(const std::vector<TcpEndpoint>& resolved);

}  // namespace meridian::net
