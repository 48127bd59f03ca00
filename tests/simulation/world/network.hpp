// The virtual network: connections of the client to hosts, with latency, cuts, holes, small buffers and slow links.
// It models what a client's socket can see (faults.md, section 1), not packets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/connector.hpp"
#include "simulation/world/byte_queue.hpp"
#include "simulation/world/random.hpp"
#include "simulation/world/scheduler.hpp"
#include "simulation/world/wire_tap.hpp"

namespace meridian::simulation {

class Connection;
class Network;

// A machine's process, as the kernel under it sees it.
class Host {
 public:
  // Nobody listens: the kernel refuses.
  [[nodiscard]] virtual bool is_listening() const noexcept = 0;

  // The kernel has completed a connection.
  virtual void on_connection(Connection& connection) = 0;

  // Bytes or the client's end have arrived.
  virtual void on_readable(Connection& connection) = 0;

 protected:
  ~Host() = default;
};

// How the path between the client and one host behaves. What is in flight keeps what it left with.
struct LinkSettings {
  Duration latency = std::chrono::microseconds(200);  // one way; a connect takes a round trip
  Duration jitter{0};                                 // up to this much more; never overtakes within a connection
  std::size_t chunk = 0;                              // at most this many bytes arrive at once; 0: as they were written
  std::size_t send_buffer = 64 << 10;                 // what `try_write` may be ahead of the host's kernel
  std::size_t receive_buffer = 64 << 10;              // what the host's kernel takes while the process does not read
  std::uint64_t bytes_per_second = 0;                 // 0: no limit
  double loss_rate = 0.0;                             // share of segments that come only with a retransmission
  bool retransmits_after_close = false;               // what a hole swallowed may still arrive after the client closed
};

// Which direction is a black hole.
enum class Loss { none, requests, replies, both };

// What a new connection meets instead of the host.
enum class ConnectFault {
  none,
  refuse,       // a reset, after a round trip
  unreachable,  // after 0.7 s
  no_name,      // the name is gone
  no_answer,    // the name server is silent: nothing, ever
};

enum class ConnectionEnd : std::uint8_t { none, eof, reset };

// The path to one host; changeable at any time.
class Link {
 public:
  Link(Network& network, Host& host, std::size_t server, io::Address address, RandomStream random);

  [[nodiscard]] const LinkSettings& settings() const noexcept { return settings_; }
  void configure(const LinkSettings& settings) noexcept { settings_ = settings; }

  // Bytes that meet a hole are kept and retransmitted like TCP does: at 0.2, 0.6, 1.4, 3 … s after they were lost, so
  // they flow again some time after the hole has ended, unless the connection has closed or given up meanwhile.
  void lose(Loss loss);
  [[nodiscard]] Loss loss() const noexcept { return loss_; }

  void fail_connects(ConnectFault fault) noexcept { connect_fault_ = fault; }

  // Something on the path resets every connection (one of them): both ends see it now, what is in flight is gone.
  void reset_all();
  void reset(ConnectionId connection);

  // Connections that the client has not closed and that have not ended; oldest first.
  [[nodiscard]] std::vector<ConnectionId> open_connections() const;

 private:
  friend class Connection;
  friend class Network;
  [[nodiscard]] bool loses_requests() const noexcept { return loss_ == Loss::requests || loss_ == Loss::both; }
  [[nodiscard]] bool loses_replies() const noexcept { return loss_ == Loss::replies || loss_ == Loss::both; }

  Network& network_;
  Host& host_;
  const std::size_t server_;
  const io::Address address_;
  RandomStream random_;
  LinkSettings settings_;
  Loss loss_ = Loss::none;
  ConnectFault connect_fault_ = ConnectFault::none;
  std::vector<Connection*> connections_;  // those that are not over, oldest first
};

// One TCP connection, both of its ends. The host uses the public part; the client sees it as an io::Stream.
class Connection {
 public:
  Connection(Link& link, ConnectionId id, const io::SocketOptions& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] ConnectionId id() const noexcept { return id_; }

  // What the host's kernel holds for the process.
  [[nodiscard]] std::string_view received() const noexcept { return host_inbox_.view(); }
  void consume(std::size_t count);

  // The client's end, once everything before it has been received.
  [[nodiscard]] ConnectionEnd client_end() const noexcept { return client_ended_; }

  void send(std::string_view bytes);

  // The process closes: what it sent still arrives, then the end. Bytes of the client that come later are answered
  // with a reset.
  void shut(ConnectionEnd end);

  // As the kernel closes for a process that is gone: a reset if something was left unread, else an orderly end.
  void abandon();

 private:
  friend class Link;
  friend class Network;
  class ClientStream;

  // One direction: bytes on their way, in pieces that arrive at their own times.
  struct Piece {
    TimePoint arrival;
    std::size_t size;
  };
  struct Pipe {
    ByteQueue bytes;
    std::deque<Piece> pieces;
    TimePoint last_departure{};
    TimePoint last_arrival{};
    std::optional<TimePoint> lost_since;  // the front met a hole
    ConnectionEnd end = ConnectionEnd::none;
    TimePoint end_arrival{};
    EventId event;
    TimePoint event_due{};
    void drop() noexcept;
  };

  // The client's side.
  io::IoResult try_write(std::string_view bytes) noexcept;
  io::IoResult try_read(std::span<char> into) noexcept;
  void wait_readable(io::Task task);
  void wait_writable(io::Task task);
  void unwatch() noexcept;
  io::IoResult read_wait(std::span<char> into, io::ReadWait wait) noexcept;
  void wake_reader() noexcept;
  void shut_down_client() noexcept;
  void close_client() noexcept;
  void tell_reader();
  void tell_writer();
  void run_if(bool possible, io::Task& task);
  [[nodiscard]] bool is_readable() const noexcept;
  [[nodiscard]] bool is_writable() const noexcept;
  [[nodiscard]] std::size_t free_space() const noexcept;

  // The path.
  void send_through(Pipe& pipe, std::string_view bytes);
  void end_through(Pipe& pipe, ConnectionEnd end);
  [[nodiscard]] TimePoint leave(Pipe& pipe, std::size_t size);
  void schedule(Pipe& pipe);
  void deliver_requests();
  void deliver_replies();
  void lose_after_close();
  void acknowledge(std::size_t bytes);
  void heal(Pipe& pipe);
  void on_loss_changed();
  void watch_user_timeout();
  void fail_client();
  void reset_both();
  void forget_if_over();

  Link& link_;
  Scheduler& scheduler_;
  const ConnectionId id_;
  const io::SocketOptions options_;
  RandomStream random_;

  Pipe requests_;
  Pipe replies_;
  ByteQueue host_inbox_;
  ByteQueue client_inbox_;
  std::size_t unacknowledged_ = 0;         // accepted from the client, not known to be received
  std::size_t acknowledgements_lost_ = 0;  // received, but the client's kernel cannot know
  bool window_closed_ = false;             // the host's kernel takes no more
  bool host_shut_ = false;
  bool client_closed_ = false;
  bool client_shut_ = false;
  bool* sleeping_reader_ = nullptr;                   // set when it is to go on
  ConnectionEnd client_ended_ = ConnectionEnd::none;  // as the host sees it
  ConnectionEnd host_ended_ = ConnectionEnd::none;    // as the client sees it

  io::Task on_readable_;
  io::Task on_writable_;
  EventId readable_event_;
  EventId reader_event_;
  EventId writable_event_;
  EventId user_timeout_event_;
  EventId keepalive_event_;
  WireTapParser tap_;
};

class Network final : public io::Connector {
 public:
  Network(Scheduler& scheduler, RandomStream random) : scheduler_(scheduler), random_(random) {}

  // Registers `host` under `address`; its server index is the number of links before it.
  Link& add_host(const io::Address& address, Host& host);

  // A name that nobody has registered is not resolved.
  [[nodiscard]] std::unique_ptr<io::ConnectAttempt> connect(const io::Address& address,
                                                            const io::SocketOptions& options,
                                                            std::function<void(io::ConnectOutcome)> handler) override;

  // Sees every `try_write` that accepts bytes. Set it before the first connection.
  void set_wire_tap(WireTap tap) { tap_ = std::move(tap); }

  // What the client holds: streams that it has neither closed nor destroyed, attempts that it waits for.
  [[nodiscard]] std::size_t open_streams() const noexcept { return open_streams_; }

  // Reads that a thread began and that had no end of their own (io::ReadWait).
  [[nodiscard]] std::size_t endless_reads() const noexcept { return endless_reads_; }
  [[nodiscard]] std::size_t open_attempts() const noexcept { return open_attempts_; }
  [[nodiscard]] ConnectionId connections_made() const noexcept { return connections_.size(); }

 private:
  friend class Connection;
  friend class Link;
  class Attempt;

  Scheduler& scheduler_;
  RandomStream random_;
  WireTap tap_;
  std::vector<std::unique_ptr<Link>> links_;
  std::deque<Connection> connections_;  // never removed: hosts and streams point to them
  std::size_t open_streams_ = 0;
  std::size_t endless_reads_ = 0;
  std::size_t open_attempts_ = 0;
};

}  // namespace meridian::simulation
