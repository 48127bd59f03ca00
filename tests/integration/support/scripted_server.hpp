// A server that misbehaves exactly as a test says: a real TCP server on a free port of 127.0.0.1, in threads of the
// test's own process. Without a script it is a small, honest server: HELLO, AUTH, CLIENT, SELECT, PING, ECHO, GET, SET,
// DEL, INCR and SETRANGE, in RESP2 or RESP3.
//
//   ScriptedServer server;
//   server.on("GET", [](Peer& peer, const Words&) { peer.send("$5\r\nval"); peer.reset(); });
//   server.on("INCR", once([](Peer& peer, const Words& words) { peer.send(peer.ordinary(words) + "+extra\r\n"); }));
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace meridian::testing {

using Words = std::vector<std::string>;

class ScriptedServer;

// One accepted connection, as its script sees it: used only on the connection's own thread. Every method throws to
// leave the script when the connection is over; scripts let that pass.
class Peer {
 public:
  Peer(ScriptedServer& server, int descriptor, int wake, std::size_t number);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  // 1 for the first that was accepted.
  [[nodiscard]] std::size_t number() const noexcept { return number_; }
  // As negotiated by HELLO: 2 or 3.
  [[nodiscard]] int protocol() const noexcept { return protocol_; }
  // Whatever a script wants to remember from one command of this connection to the next.
  std::string& note() noexcept { return note_; }

  // What an honest server would answer; runs the command.
  [[nodiscard]] std::string ordinary(const Words& words);
  void answer(const Words& words) { send(ordinary(words)); }

  void send(std::string_view bytes);
  // One byte a packet.
  void trickle(std::string_view bytes);
  void pause(std::chrono::milliseconds time);

  // FIN: nothing more is sent; what still comes is swallowed.
  [[noreturn]] void finish();
  // RST.
  [[noreturn]] void reset();
  // Reads on, records, answers nothing more, until the other side ends the connection or the server its life.
  [[noreturn]] void fall_silent();

 private:
  friend class ScriptedServer;
  enum class Order { none, finish, reset, stop };
  struct Over {};

  void run();
  void wait_until(short events, std::chrono::milliseconds limit);
  bool receive();
  // False when the buffer holds no whole command.
  bool take_command(Words& words);
  void give(Order order) noexcept;

  ScriptedServer& server_;
  const int descriptor_;
  const int wake_;  // an eventfd: there is an order
  const std::size_t number_;
  std::atomic<Order> order_{Order::none};
  std::atomic<bool> over_{false};
  std::string arrived_;
  std::string note_;
  int protocol_ = 2;
  bool authenticated_ = false;
  std::thread thread_;
};

// What is done with one command instead of answering it. Called on the connection's thread, for several connections at
// the same time.
using Action = std::function<void(Peer&, const Words&)>;

// `action` for the first `times` commands over all connections; those that follow are answered.
[[nodiscard]] Action first(int times, Action action);
[[nodiscard]] inline Action once(Action action) { return first(1, std::move(action)); }

// Thread-safe.
class ScriptedServer {
 public:
  struct Manners {
    std::string password{};  // empty: none is asked for
    bool knows_hello = true;
    bool knows_setinfo = true;
  };

  explicit ScriptedServer(Manners manners);
  ScriptedServer() : ScriptedServer(Manners{}) {}
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  // Ends all connections and joins their threads.
  ~ScriptedServer();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string uri() const { return "redis://127.0.0.1:" + std::to_string(port_); }

  // Before a new connection is read from; replaces an earlier script.
  void on_accept(std::function<void(Peer&)> script);
  // "GET", "CLIENT", …; "*" is for every command without a script of its own, those of the handshake included.
  void on(const std::string& command, Action action);
  // Forgets all scripts.
  void behave();
  void set_password(std::string password);

  // Ends every open connection with a FIN or an RST.
  void finish_all() { order_all(Peer::Order::finish); }
  void reset_all() { order_all(Peer::Order::reset); }

  [[nodiscard]] std::size_t accepted() const;
  [[nodiscard]] std::size_t open_connections() const;
  // Every command, in the order of arrival.
  [[nodiscard]] std::vector<Words> received() const;
  [[nodiscard]] std::size_t count(std::string_view command) const;
  // Everything that ever arrived, commands or not: proof of what left the client.
  [[nodiscard]] std::string received_bytes() const;

 private:
  friend class Peer;

  void accept_connections();
  void order_all(Peer::Order order);
  void join_those_that_are_over();
  [[nodiscard]] Action action_for(const std::string& command) const;
  [[nodiscard]] std::string answer_handshake(Peer& peer, const Words& words);
  [[nodiscard]] std::string answer_data(const Peer& peer, const Words& words);

  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  Manners manners_;
  std::function<void(Peer&)> accept_script_;
  std::map<std::string, Action> actions_;
  std::map<std::string, std::string> values_;
  std::vector<Words> received_;
  std::string received_bytes_;
  std::size_t accepted_ = 0;
  bool ending_ = false;
  std::list<Peer> peers_;
  std::thread acceptor_;
};

}  // namespace meridian::testing
