// A small Redis: a process on the virtual network that parses requests, keeps data, and can be killed, hung, paused,
// put into every mode in which a real one refuses, and made to lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "resp/input_buffer.hpp"
#include "resp/scanner.hpp"
#include "simulation/world/fake_blocking.hpp"
#include "simulation/world/fake_pubsub.hpp"
#include "simulation/world/fake_scan.hpp"
#include "simulation/world/fake_scripts.hpp"
#include "simulation/world/fake_transaction.hpp"
#include "simulation/world/keyspace.hpp"
#include "simulation/world/network.hpp"
#include "simulation/world/scheduler.hpp"

namespace meridian::simulation {

// A data command that a server ran.
struct Operation {
  TimePoint at;
  std::size_t server = 0;
  ConnectionId connection = 0;
  int database = 0;
  std::string_view command;  // "INCR"
  std::string key;
  std::string argument;  // the words after the key, with spaces between
  std::string reply;     // as it went out: ":1\r\n"
  friend bool operator==(const Operation&, const Operation&) = default;
};
using OperationLog = std::vector<Operation>;

enum class ProcessState : std::uint8_t { running, hung, killed };

// What the server says to commands that it does not run.
enum class Mode : std::uint8_t {
  normal,
  loading,     // PING and all data commands are refused
  busy,        // a script runs: all but HELLO and AUTH
  masterdown,  // a replica without its master: writes READONLY, reads and PING MASTERDOWN
  readonly,    // writes
  oom,         // writes that need memory: not DEL
  misconf,     // writes and PING
  noreplicas,  // writes
};

// CLIENT PAUSE: the command that meets it waits, and everything behind it on its connection.
enum class Pause : std::uint8_t { none, writes, everything };

// What happens to a new connection.
enum class Welcome : std::uint8_t { serve, close, reset, silence };

// What is wrong with a reply. The command itself has run.
enum class Misbehaviour : std::uint8_t {
  garbage,           // an HTTP answer instead
  extra,             // it comes twice
  swapped,           // it comes after the next one on the connection
  missing,           // it does not come
  cut_then_silence,  // half of it, then nothing on this connection
  cut_then_close,    // half of it, then the end
};

class FakeServer final : private Host {
 public:
  FakeServer(Scheduler& scheduler, Network& network, io::Address address, std::size_t index, OperationLog& log);
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  ~FakeServer() = default;

  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  [[nodiscard]] const io::Address& address() const noexcept { return address_; }
  [[nodiscard]] std::string uri() const { return "redis://" + address_.text(); }
  [[nodiscard]] Link& link() noexcept { return link_; }
  [[nodiscard]] const Keyspace& data() const noexcept { return data_; }
  [[nodiscard]] ProcessState state() const noexcept { return state_; }
  [[nodiscard]] std::size_t clients() const noexcept { return sessions_.size(); }

  // Connections that wait in a blocking command.
  [[nodiscard]] std::size_t blocked() const noexcept { return blocking_.line().size(); }
  [[nodiscard]] FakeScripts& scripts() noexcept { return scripts_known_; }
  [[nodiscard]] const FakeScan& scan() const noexcept { return scan_; }

  // ---- What it is subscribed to ----

  // As somebody's PUBLISH; how many receive it.
  std::size_t publish(std::string_view channel, std::string_view payload);
  // The channels, patterns and shard channels of all connections together; twice if two are subscribed.
  [[nodiscard]] std::multiset<std::string> subscribed() const;
  // SUBSCRIBE and SSUBSCRIBE of this channel are refused by an ACL.
  void deny_channel(std::string channel) { denied_channels_.insert(std::move(channel)); }

  // ---- The process ----

  // What it has not executed is lost; every connection ends; connects are refused.
  void kill();
  // With all its data, as appendfsync always has it; serves after `loading`. A pause, BUSY and LOADING are over.
  void restart(Duration loading = Duration::zero());
  // SIGSTOP and SIGCONT. Meanwhile the kernel accepts connections and bytes; on resume all of them are worked off, for
  // clients that are gone, too.
  void hang();
  void resume();

  // ---- How it serves ----

  void set_mode(Mode mode);
  void pause(Pause what, Duration duration = Duration::zero());  // 0: until the next call
  void set_welcome(Welcome welcome) noexcept { welcome_ = welcome; }
  void set_max_clients(std::size_t count) noexcept { max_clients_ = count; }
  // The time that one command takes; commands wait for each other.
  void set_processing_time(Duration time) noexcept { processing_time_ = time; }
  // Connections that are open stay authenticated. No password: everybody may come in.
  void set_password(std::optional<std::string> password, std::string user = "default");
  // By lower-case name, subcommands as "client|id".
  void deny(std::string command) { denied_.insert(std::move(command)); }
  void permit(const std::string& command) { denied_.erase(command); }
  void set_hello_known(bool known) noexcept { hello_known_ = known; }      // before 6.0 it was not
  void set_setinfo_known(bool known) noexcept { setinfo_known_ = known; }  // before 7.2 it was not

  // The next `times` replies, or the next ones to `command` ("GET"), come out wrong.
  void misbehave(Misbehaviour how, int times = 1, std::string command = "");
  void behave() noexcept { scripts_.clear(); }

  // Ends connections from its side in an orderly way, as for an idle timeout or CLIENT KILL.
  void close_clients();
  void close_client(ConnectionId connection);

 private:
  struct Session {
    Connection* connection = nullptr;
    resp::InputBuffer input;
    resp::Scanner scanner;
    int protocol = 2;
    int database = 0;
    bool authenticated = false;
    bool silent = false;  // answers nothing, runs nothing
    bool mute = false;    // answers nothing
    bool queued = false;  // in ready_
    bool paused = false;
    bool closing = false;
    FakePubSub pubsub;
    FakeTransaction transaction;
    std::string withheld;  // a reply that waits for the next one
  };
  struct CommandSpec;
  struct Script {
    Misbehaviour how;
    int times;
    std::string command;
  };
  using Words = Keyspace::Words;

  [[nodiscard]] bool is_listening() const noexcept override { return state_ != ProcessState::killed; }
  void on_connection(Connection& connection) override;
  void on_readable(Connection& connection) override;

  void accept(Connection& connection);
  void read(Session& session);
  void settle(Session& session);
  void end(ConnectionId connection);
  void schedule_work();
  void work();
  void run_next(Session& session);
  void unpause();

  [[nodiscard]] static const CommandSpec* find_command(std::string_view name) noexcept;
  [[nodiscard]] const CommandSpec* known_command(std::string_view name) const noexcept;
  [[nodiscard]] bool is_paused(const Session& session, const CommandSpec* spec) const;
  [[nodiscard]] std::string answer(Session& session, const CommandSpec* spec, Words words);
  [[nodiscard]] std::string_view refusal(const CommandSpec& spec) const noexcept;
  [[nodiscard]] std::string refusal_of(const Session& session, const CommandSpec* spec, Words words) const;
  [[nodiscard]] std::string execute(Session& session, const CommandSpec& spec, Words words);
  [[nodiscard]] std::string execute_data(Session& session, const CommandSpec& spec, Words words);
  [[nodiscard]] std::string exec(Session& session);
  [[nodiscard]] std::string run_script(Session& session, const CommandSpec& spec, Words words);
  void log(const Session& session, const CommandSpec& spec, Words words, const std::string& reply);
  void block(const Session& session, const CommandSpec& spec, Words words, Duration longest);
  void serve_blocked();
  void expire_blocked();
  void unblock(ConnectionId connection, std::string_view command, std::string reply);
  [[nodiscard]] std::string hello(Session& session, Words words);
  [[nodiscard]] std::string auth(Session& session, Words words);
  [[nodiscard]] std::string select(Session& session, Words words) const;
  [[nodiscard]] std::string subscribe(Session& session, const CommandSpec& spec, Words words) const;
  [[nodiscard]] std::size_t publish(Verb verb, std::string_view channel, std::string_view payload);
  [[nodiscard]] std::string client(Session& session, Words words) const;
  [[nodiscard]] bool may_enter(std::string_view user, std::string_view password) const noexcept;
  void respond(Session& session, std::string_view command, std::string reply);
  [[nodiscard]] std::optional<Misbehaviour> next_misbehaviour(std::string_view command);

  Scheduler& scheduler_;
  const io::Address address_;
  const std::size_t index_;
  OperationLog& log_;
  Link& link_;
  Keyspace data_;
  FakeBlocking blocking_;
  FakeScripts scripts_known_;
  FakeScan scan_;
  bool inside_unit_ = false;  // EXEC or a script runs: nothing waits

  ProcessState state_ = ProcessState::running;
  std::map<ConnectionId, std::unique_ptr<Session>> sessions_;
  std::deque<Connection*> backlog_;  // accepted by the kernel while the process hung
  std::deque<ConnectionId> ready_;   // sessions with a complete command
  EventId work_event_;

  Mode mode_ = Mode::normal;
  EventId loading_event_;
  Pause pause_ = Pause::none;
  EventId pause_event_;
  Welcome welcome_ = Welcome::serve;
  std::size_t max_clients_ = 10'000;
  Duration processing_time_ = std::chrono::microseconds(5);
  std::optional<std::string> password_;
  std::string user_ = "default";
  std::set<std::string, std::less<>> denied_;
  std::set<std::string, std::less<>> denied_channels_;
  bool hello_known_ = true;
  bool setinfo_known_ = true;
  std::vector<Script> scripts_;
};

}  // namespace meridian::simulation
