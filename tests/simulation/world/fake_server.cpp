// The process, its sessions, and how it answers; texts and command flags are those of redis-server 7.0.15.
#include "simulation/world/fake_server.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "resp/number.hpp"
#include "simulation/world/fake_server_commands.hpp"
#include "simulation/world/wire_tap.hpp"

namespace meridian::simulation {
namespace {

constexpr std::string_view wrong_password = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return result;
}

std::string wrong_arguments(std::string_view command) {
  return "-ERR wrong number of arguments for '" + std::string(command) + "' command\r\n";
}

std::string unknown_command(Keyspace::Words words) {
  std::string text = "-ERR unknown command '" + std::string(words[0]) + "', with args beginning with: ";
  for (const std::string_view word : words.subspan(1)) text.append("'").append(word).append("' ");
  return text + "\r\n";
}

}  // namespace

// ---- The process ----

FakeServer::FakeServer(Scheduler& scheduler, Network& network, io::Address address, std::size_t index,
                       OperationLog& log)
    : scheduler_(scheduler),
      address_(std::move(address)),
      index_(index),
      log_(log),
      link_(network.add_host(address_, *this)),
      scan_(index) {}

void FakeServer::kill() {
  if (state_ == ProcessState::killed) return;
  state_ = ProcessState::killed;
  for (const EventId event : {work_event_, loading_event_, pause_event_}) scheduler_.cancel(event);
  for (const auto& [id, session] : sessions_) session->connection->abandon();
  for (Connection* connection : backlog_) connection->shut(ConnectionEnd::reset);
  sessions_.clear();
  backlog_.clear();
  ready_.clear();
  blocking_.clear();
  scripts_known_.forget();
}

void FakeServer::restart(Duration loading) {
  kill();
  state_ = ProcessState::running;
  pause_ = Pause::none;
  if (mode_ == Mode::loading || mode_ == Mode::busy) mode_ = Mode::normal;
  if (loading > Duration::zero()) {
    const Mode afterwards = std::exchange(mode_, Mode::loading);
    loading_event_ = scheduler_.after(loading, [this, afterwards] { mode_ = afterwards; });
  }
}

void FakeServer::hang() {
  if (state_ != ProcessState::running) return;
  state_ = ProcessState::hung;
  scheduler_.cancel(work_event_);
}

void FakeServer::resume() {
  if (state_ != ProcessState::hung) return;
  state_ = ProcessState::running;
  std::vector<Connection*> waiting;
  for (const auto& [id, session] : sessions_) waiting.push_back(session->connection);
  for (Connection* connection : std::exchange(backlog_, {})) {
    accept(*connection);
    waiting.push_back(connection);
  }
  for (Connection* connection : waiting) on_readable(*connection);
  expire_blocked();
  schedule_work();
}

// ---- How it serves ----

void FakeServer::set_mode(Mode mode) {
  scheduler_.cancel(loading_event_);
  mode_ = mode;
}

void FakeServer::pause(Pause what, Duration duration) {
  scheduler_.cancel(pause_event_);
  pause_ = what;
  if (duration > Duration::zero()) pause_event_ = scheduler_.after(duration, [this] { pause(Pause::none); });
  unpause();
}

// Those that still may not run are parked again when their turn comes.
void FakeServer::unpause() {
  for (const auto& [id, session] : sessions_) {
    if (!std::exchange(session->paused, false)) continue;
    session->queued = true;
    ready_.push_back(id);
  }
  schedule_work();
}

void FakeServer::set_password(std::optional<std::string> password, std::string user) {
  password_ = std::move(password);
  user_ = std::move(user);
}

void FakeServer::misbehave(Misbehaviour how, int times, std::string command) {
  scripts_.push_back({how, times, std::move(command)});
}

void FakeServer::close_clients() {
  for (const auto& [id, session] : sessions_) session->connection->shut(ConnectionEnd::eof);
  sessions_.clear();
  blocking_.clear();
}

void FakeServer::close_client(ConnectionId connection) { end(connection); }

// ---- Connections ----

void FakeServer::on_connection(Connection& connection) {
  if (state_ == ProcessState::hung) backlog_.push_back(&connection);
  else accept(connection);
}

void FakeServer::accept(Connection& connection) {
  if (welcome_ == Welcome::close || welcome_ == Welcome::reset) {
    connection.shut(welcome_ == Welcome::close ? ConnectionEnd::eof : ConnectionEnd::reset);
    return;
  }
  if (sessions_.size() >= max_clients_) {
    connection.send("-ERR max number of clients reached\r\n");
    connection.shut(ConnectionEnd::eof);
    return;
  }
  auto session = std::make_unique<Session>();
  session->connection = &connection;
  session->authenticated = !password_;
  session->silent = welcome_ == Welcome::silence;
  sessions_.emplace(connection.id(), std::move(session));
}

void FakeServer::on_readable(Connection& connection) {
  if (state_ != ProcessState::running) return;
  const auto found = sessions_.find(connection.id());
  if (found != sessions_.end()) read(*found->second);
}

void FakeServer::read(Session& session) {
  for (std::string_view bytes = session.connection->received(); !bytes.empty();) {
    const std::span<char> space = session.input.space();
    const std::size_t count = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), count);
    session.input.commit(count);
    bytes.remove_prefix(count);
  }
  session.connection->consume(session.connection->received().size());
  settle(session);
}

// Decides what comes next for a session that is not in the middle of a command. May end it.
void FakeServer::settle(Session& session) {
  if (session.queued) return;
  const bool client_gone = session.connection->client_end() != ConnectionEnd::none;
  const bool stuck = session.paused || session.silent || blocking_.has(session.connection->id());
  // What a paused client had sent dies with its connection; what was complete before the end runs otherwise.
  if (session.closing || (client_gone && stuck)) {
    end(session.connection->id());
    return;
  }
  if (stuck) return;
  const std::string_view bytes = session.input.data();
  if (!bytes.empty() && session.scanner.scan(bytes) != resp::ScanStatus::need_more) {
    session.queued = true;
    ready_.push_back(session.connection->id());
    schedule_work();
  } else if (client_gone) {
    end(session.connection->id());
  }
}

void FakeServer::end(ConnectionId connection) {
  const auto found = sessions_.find(connection);
  if (found == sessions_.end()) return;
  found->second->connection->shut(ConnectionEnd::eof);
  sessions_.erase(found);
  blocking_.remove(connection);
}

// ---- Commands ----

void FakeServer::schedule_work() {
  if (state_ != ProcessState::running || ready_.empty() || scheduler_.is_queued(work_event_)) return;
  work_event_ = scheduler_.after(processing_time_, [this] { work(); });
}

void FakeServer::work() {
  const ConnectionId id = ready_.front();
  ready_.pop_front();
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) {
    Session& session = *found->second;
    session.queued = false;
    run_next(session);
    settle(session);
  }
  schedule_work();
}

void FakeServer::run_next(Session& session) {
  const std::string_view bytes = session.input.data();
  const bool complete = session.scanner.scan(bytes) == resp::ScanStatus::complete;
  const std::string_view wire = bytes.substr(0, complete ? session.scanner.length() : 0);
  const std::vector<std::string_view> words = words_of(wire);
  if (words.empty()) {
    respond(session, "", "-ERR Protocol error: invalid multibulk length\r\n");
    session.closing = true;
    return;
  }
  const CommandSpec* spec = known_command(words[0]);
  // Refusals come before the pause, as in Redis.
  if (is_paused(session, spec) && refusal(*spec).empty()) {
    session.paused = true;
    return;
  }
  std::string reply = answer(session, spec, words);
  if (!blocking_.has(session.connection->id())) {
    respond(session, spec == nullptr ? words[0] : spec->name, std::move(reply));
  }
  session.input.consume(wire.size());
  session.scanner.reset();
  serve_blocked();
}

const FakeServer::CommandSpec* FakeServer::find_command(std::string_view name) noexcept {
  static constexpr std::array commands{
      CommandSpec{"GET", "get", Verb::get, 2, 0},
      CommandSpec{"SET", "set", Verb::set, -3, is_write_command | deny_oom},
      CommandSpec{"INCR", "incr", Verb::incr, 2, is_write_command | deny_oom},
      CommandSpec{"PING", "ping", Verb::ping, -1, 0},
      CommandSpec{"SETRANGE", "setrange", Verb::setrange, 4, is_write_command | deny_oom},
      CommandSpec{"ECHO", "echo", Verb::echo, 2, while_loading | while_stale},
      CommandSpec{"HELLO", "hello", Verb::hello, -1, while_loading | while_stale | no_auth | allow_busy},
      CommandSpec{"CLIENT", "client", Verb::client, -2, while_loading | while_stale},
      CommandSpec{"DEL", "del", Verb::del, -2, is_write_command},
      CommandSpec{"EXISTS", "exists", Verb::exists, -2, 0},
      CommandSpec{"APPEND", "append", Verb::append, 3, is_write_command | deny_oom},
      CommandSpec{"LPUSH", "lpush", Verb::lpush, -3, is_write_command | deny_oom},
      CommandSpec{"LLEN", "llen", Verb::llen, 2, 0},
      CommandSpec{"AUTH", "auth", Verb::auth, -2, while_loading | while_stale | no_auth | allow_busy},
      CommandSpec{"SUBSCRIBE", "subscribe", Verb::subscribe, -2, while_loading | while_stale},
      CommandSpec{"UNSUBSCRIBE", "unsubscribe", Verb::unsubscribe, -2, while_loading | while_stale},
      CommandSpec{"PSUBSCRIBE", "psubscribe", Verb::psubscribe, -2, while_loading | while_stale},
      CommandSpec{"PUNSUBSCRIBE", "punsubscribe", Verb::punsubscribe, -2, while_loading | while_stale},
      CommandSpec{"SSUBSCRIBE", "ssubscribe", Verb::ssubscribe, -2, while_loading | while_stale},
      CommandSpec{"SUNSUBSCRIBE", "sunsubscribe", Verb::sunsubscribe, -2, while_loading | while_stale},
      CommandSpec{"PUBLISH", "publish", Verb::publish, 3, while_loading | while_stale},
      CommandSpec{"SPUBLISH", "spublish", Verb::spublish, 3, while_loading | while_stale},
      CommandSpec{"SELECT", "select", Verb::select, 2, while_loading | while_stale},
      CommandSpec{"RPUSH", "rpush", Verb::rpush, -3, is_write_command | deny_oom},
      CommandSpec{"LPOP", "lpop", Verb::lpop, 2, is_write_command},
      CommandSpec{"BLPOP", "blpop", Verb::blpop, -3, is_write_command},
      CommandSpec{"XADD", "xadd", Verb::xadd, -5, is_write_command | deny_oom},
      CommandSpec{"XREAD", "xread", Verb::xread, -4, 0},
      CommandSpec{"MULTI", "multi", Verb::multi, 1, while_loading | while_stale | allow_busy},
      CommandSpec{"EXEC", "exec", Verb::exec, 1, while_loading | while_stale},
      CommandSpec{"DISCARD", "discard", Verb::discard, 1, while_loading | while_stale | allow_busy},
      CommandSpec{"WATCH", "watch", Verb::watch, -2, while_loading | while_stale | allow_busy},
      CommandSpec{"UNWATCH", "unwatch", Verb::unwatch, 1, while_loading | while_stale | allow_busy},
      CommandSpec{"EVAL", "eval", Verb::eval, -3, while_stale},
      CommandSpec{"EVALSHA", "evalsha", Verb::evalsha, -3, while_stale},
      CommandSpec{"SCAN", "scan", Verb::scan, -2, 0},
  };
  const auto same = [name](const CommandSpec& spec) {
    return name == spec.name || (name.size() == spec.name.size() && lower(name) == spec.lower_name);
  };
  const auto found = std::ranges::find_if(commands, same);
  return found == commands.end() ? nullptr : &*found;
}

const FakeServer::CommandSpec* FakeServer::known_command(std::string_view name) const noexcept {
  const CommandSpec* spec = find_command(name);
  return spec != nullptr && spec->verb == Verb::hello && !hello_known_ ? nullptr : spec;
}

bool FakeServer::is_paused(const Session& session, const CommandSpec* spec) const {
  if (spec == nullptr || pause_ == Pause::none) return false;
  if (pause_ == Pause::everything) return true;
  const auto writes = [this](const std::vector<std::string>& words) {
    const CommandSpec* queued = known_command(words.front());
    return queued != nullptr && (queued->flags & is_write_command) != 0;
  };
  // What is queued meets the pause at EXEC.
  if (session.transaction.is_open()) {
    return spec->verb == Verb::exec && std::ranges::any_of(session.transaction.queue(), writes);
  }
  return (spec->flags & is_write_command) != 0 || spec->verb == Verb::eval || spec->verb == Verb::evalsha;
}

std::string FakeServer::answer(Session& session, const CommandSpec* spec, Words words) {
  std::string refused = refusal_of(session, spec, words);
  FakeTransaction& transaction = session.transaction;
  if (!refused.empty()) {
    if (spec == nullptr || spec->verb != Verb::exec || !transaction.is_open()) {
      transaction.refuse();
      return refused;
    }
    static_cast<void>(transaction.discard());
    return "-EXECABORT Transaction discarded because of: " + refused.substr(1);
  }
  if (!transaction.is_open()) return execute(session, *spec, words);
  switch (spec->verb) {
    case Verb::multi:
    case Verb::exec:
    case Verb::discard: return execute(session, *spec, words);
    case Verb::watch: transaction.refuse(); return "-ERR WATCH inside MULTI is not allowed\r\n";
    default: return transaction.enqueue(words);
  }
}

// In the order in which Redis looks.
std::string FakeServer::refusal_of(const Session& session, const CommandSpec* spec, Words words) const {
  if (spec == nullptr) return unknown_command(words);
  const auto count = static_cast<int>(words.size());
  if (spec->arity > 0 ? count != spec->arity : count < -spec->arity) return wrong_arguments(spec->lower_name);
  if (spec->verb == Verb::ping && count > 2) return wrong_arguments(spec->lower_name);
  // Without a password nobody has to be anybody, also who came while there was one.
  if (password_ && !session.authenticated && (spec->flags & no_auth) == 0)
    return "-NOAUTH Authentication required.\r\n";
  if (!denied_.empty() && (spec->flags & no_auth) == 0) {
    std::string name(spec->lower_name);
    if (spec->verb == Verb::client) name.append("|").append(lower(words[1]));
    if (denied_.contains(name)) return "-NOPERM this user has no permissions to run the '" + name + "' command\r\n";
  }
  if (spec->verb == Verb::exec && session.transaction.is_open()) {
    for (const auto& command : session.transaction.queue()) {
      if (const std::string_view refused = refusal(*known_command(command.front())); !refused.empty())
        return std::string(refused);
    }
  }
  return std::string(refusal(*spec));
}

std::string_view FakeServer::refusal(const CommandSpec& spec) const noexcept {
  const bool is_write = (spec.flags & is_write_command) != 0;
  switch (mode_) {
    case Mode::normal: return {};
    case Mode::loading:
      if ((spec.flags & while_loading) != 0) return {};
      return "-LOADING Redis is loading the dataset in memory\r\n";
    case Mode::busy:
      if ((spec.flags & allow_busy) != 0) return {};
      return "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n";
    case Mode::masterdown:
      if (is_write) return "-READONLY You can't write against a read only replica.\r\n";
      if ((spec.flags & while_stale) != 0) return {};
      return "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n";
    case Mode::readonly: return is_write ? "-READONLY You can't write against a read only replica.\r\n" : "";
    case Mode::oom:
      return (spec.flags & deny_oom) != 0 ? "-OOM command not allowed when used memory > 'maxmemory'.\r\n" : "";
    case Mode::misconf:
      if (!is_write && spec.verb != Verb::ping) return {};
      return "-MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. "
             "Commands that may modify the data set are disabled, because this instance is configured to report "
             "errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the "
             "Redis logs for details about the RDB error.\r\n";
    case Mode::noreplicas: return is_write ? "-NOREPLICAS Not enough good replicas to write.\r\n" : "";
  }
  return {};
}

std::string FakeServer::execute(Session& session, const CommandSpec& spec, Words words) {
  const bool only_subscribes = session.protocol == 2 && session.pubsub.is_subscribed();
  switch (spec.verb) {
    case Verb::subscribe:
    case Verb::unsubscribe:
    case Verb::psubscribe:
    case Verb::punsubscribe:
    case Verb::ssubscribe:
    case Verb::sunsubscribe: return subscribe(session, spec, words);
    case Verb::ping:
      if (only_subscribes) return std::string(pong_of_subscriber);
      break;
    default: break;
  }
  if (only_subscribes) {
    return "-ERR Can't execute '" + std::string(spec.lower_name) +
           "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n";
  }
  switch (spec.verb) {
    case Verb::publish:
    case Verb::spublish: return integer_reply(static_cast<std::int64_t>(publish(spec.verb, words[1], words[2])));
    case Verb::ping: return words.size() == 2 ? bulk_reply(words[1]) : "+PONG\r\n";
    case Verb::echo: return bulk_reply(words[1]);
    case Verb::hello: return hello(session, words);
    case Verb::auth: return auth(session, words);
    case Verb::select: return select(session, words);
    case Verb::client: return client(session, words);
    case Verb::multi: return session.transaction.multi();
    case Verb::discard: return session.transaction.discard();
    case Verb::watch: return session.transaction.watch(words, data_, session.database);
    case Verb::unwatch: return session.transaction.unwatch();
    case Verb::exec: return exec(session);
    case Verb::eval:
    case Verb::evalsha: return run_script(session, spec, words);
    case Verb::scan: return scan_.page(data_.names(session.database), words);
    default: return execute_data(session, spec, words);
  }
}

std::string FakeServer::execute_data(Session& session, const CommandSpec& spec, Words words) {
  std::string reply = data_.execute(spec.verb, words, session.database, session.protocol);
  const auto longest = blocking_time(spec.verb, words);
  if (longest && reply == null_array_reply(session.protocol)) {
    if (!inside_unit_) block(session, spec, words, *longest);
    return reply;
  }
  log(session, spec, words, reply);
  return reply;
}

void FakeServer::log(const Session& session, const CommandSpec& spec, Words words, const std::string& reply) {
  const std::size_t key_at = spec.verb == Verb::xread ? words.size() - 2 : 1;
  Operation operation{.at = scheduler_.now(),
                      .server = index_,
                      .connection = session.connection->id(),
                      .database = session.database,
                      .command = spec.name,
                      .key = std::string(words[key_at]),
                      .argument = {},
                      .reply = reply};
  for (const std::string_view word : words.subspan(key_at + 1)) {
    if (!operation.argument.empty()) operation.argument += ' ';
    operation.argument += word;
  }
  log_.push_back(std::move(operation));
}

std::string FakeServer::subscribe(Session& session, const CommandSpec& spec, Words words) const {
  const bool denied =
      std::ranges::any_of(words.subspan(1), [this](std::string_view name) { return denied_channels_.contains(name); });
  const bool unsubscribes =
      spec.verb == Verb::unsubscribe || spec.verb == Verb::punsubscribe || spec.verb == Verb::sunsubscribe;
  if (denied && !unsubscribes) {
    return "-NOPERM this user has no permissions to access one of the channels used as arguments\r\n";
  }
  return session.pubsub.change(spec.verb, words, session.protocol);
}

std::size_t FakeServer::publish(std::string_view channel, std::string_view payload) {
  return state_ == ProcessState::running ? publish(Verb::publish, channel, payload) : 0;
}

std::size_t FakeServer::publish(Verb verb, std::string_view channel, std::string_view payload) {
  std::size_t receivers = 0;
  for (const auto& [id, session] : sessions_) {
    const std::vector<std::string> texts = verb == Verb::spublish
                                               ? session->pubsub.shard_messages(channel, payload, session->protocol)
                                               : session->pubsub.messages(channel, payload, session->protocol);
    receivers += texts.size();
    if (session->mute) continue;
    for (const std::string& text : texts) session->connection->send(text);
  }
  return receivers;
}

std::multiset<std::string> FakeServer::subscribed() const {
  std::multiset<std::string> all;
  for (const auto& [id, session] : sessions_) {
    const FakePubSub& pubsub = session->pubsub;
    for (const auto* names : {&pubsub.channels(), &pubsub.patterns(), &pubsub.shards()}) {
      all.insert(names->begin(), names->end());
    }
  }
  return all;
}

std::string FakeServer::hello(Session& session, Words words) {
  int protocol = session.protocol;
  if (words.size() > 1) {
    const std::optional<std::int64_t> version = resp::parse_int64(words[1], resp::Plus::forbidden);
    if (!version) return "-ERR Protocol version is not an integer or out of range\r\n";
    if (*version != 2 && *version != 3) return "-NOPROTO unsupported protocol version\r\n";
    protocol = static_cast<int>(*version);
  }
  bool authenticated = session.authenticated;
  for (std::size_t at = 2; at < words.size();) {
    const std::string option = lower(words[at]);
    const std::size_t left = words.size() - at - 1;
    if (option == "auth" && left >= 2) {
      if (!may_enter(words[at + 1], words[at + 2])) return std::string(wrong_password);
      authenticated = true;
      at += 3;
    } else if (option == "setname" && left >= 1) {
      at += 2;
    } else {
      return "-ERR Syntax error in HELLO option '" + std::string(words[at]) + "'\r\n";
    }
  }
  if (password_ && !authenticated) {
    return "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> "
           "option can be used to authenticate the client and select the RESP protocol version at the same time\r\n";
  }
  session.authenticated = true;
  session.protocol = protocol;
  const bool replica = mode_ == Mode::readonly || mode_ == Mode::masterdown;
  std::string reply = protocol == 3 ? "%7\r\n" : "*14\r\n";
  reply += bulk_reply("server") + bulk_reply("redis");
  reply += bulk_reply("version") + bulk_reply(setinfo_known_ ? "7.2.4" : "7.0.15");
  reply += bulk_reply("proto") + integer_reply(protocol);
  reply += bulk_reply("id") + integer_reply(static_cast<std::int64_t>(session.connection->id()));
  reply += bulk_reply("mode") + bulk_reply("standalone");
  reply += bulk_reply("role") + bulk_reply(replica ? "replica" : "master");
  return reply + bulk_reply("modules") + "*0\r\n";
}

std::string FakeServer::auth(Session& session, Words words) {
  if (words.size() > 3) return std::string(syntax_error);
  if (words.size() == 2 && !password_) {
    return "-ERR AUTH <password> called without any password configured for the default user. Are you sure your "
           "configuration is correct?\r\n";
  }
  const std::string_view user = words.size() == 3 ? words[1] : "default";
  if (!may_enter(user, words.back())) return std::string(wrong_password);
  session.authenticated = true;
  return "+OK\r\n";
}

bool FakeServer::may_enter(std::string_view user, std::string_view password) const noexcept {
  return password_ ? user == user_ && password == *password_ : user == "default";
}

std::string FakeServer::select(Session& session, Words words) const {
  const std::optional<std::int64_t> index = resp::parse_int64(words[1], resp::Plus::forbidden);
  if (!index) return std::string(not_an_integer);
  if (*index < 0 || *index >= Keyspace::databases) return "-ERR DB index is out of range\r\n";
  session.database = static_cast<int>(*index);
  return "+OK\r\n";
}

std::string FakeServer::client(Session& session, Words words) const {
  const std::string subcommand = lower(words[1]);
  if (subcommand == "id" && words.size() == 2)
    return integer_reply(static_cast<std::int64_t>(session.connection->id()));
  if (subcommand == "setname" && words.size() == 3) {
    const bool plain = std::ranges::all_of(words[2], [](char letter) { return letter >= '!' && letter <= '~'; });
    if (plain) return "+OK\r\n";
    return "-ERR Client names cannot contain spaces, newlines or special characters.\r\n";
  }
  if (subcommand == "setinfo" && setinfo_known_ && words.size() == 4) return "+OK\r\n";
  if (subcommand == "id" || subcommand == "setname" || (subcommand == "setinfo" && setinfo_known_)) {
    return wrong_arguments("client|" + subcommand);
  }
  return "-ERR unknown subcommand '" + std::string(words[1]) + "'. Try CLIENT HELP.\r\n";
}

// ---- Replies ----

void FakeServer::respond(Session& session, std::string_view command, std::string reply) {
  if (session.mute) return;
  const std::optional<Misbehaviour> wrong = next_misbehaviour(command);
  if (!wrong) {
    session.connection->send(reply.append(std::exchange(session.withheld, {})));
    return;
  }
  switch (*wrong) {
    case Misbehaviour::garbage:
      session.connection->send("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n400 Bad Request");
      return;
    case Misbehaviour::extra: session.connection->send(reply + reply); return;
    case Misbehaviour::swapped: session.withheld += reply; return;
    case Misbehaviour::missing: return;
    case Misbehaviour::cut_then_silence:
    case Misbehaviour::cut_then_close:
      session.connection->send(std::string_view(reply).substr(0, (reply.size() + 1) / 2));
      session.mute = true;
      session.closing = *wrong == Misbehaviour::cut_then_close;
      return;
  }
}

std::optional<Misbehaviour> FakeServer::next_misbehaviour(std::string_view command) {
  const auto fits = [command](const Script& script) { return script.command.empty() || script.command == command; };
  const auto found = std::ranges::find_if(scripts_, fits);
  if (found == scripts_.end()) return std::nullopt;
  const Misbehaviour how = found->how;
  if (--found->times == 0) scripts_.erase(found);
  return how;
}

}  // namespace meridian::simulation
