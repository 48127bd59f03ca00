// What runs as a unit on a fake server, EXEC and scripts, and what waits there.
#include <algorithm>
#include <utility>

#include "simulation/world/fake_server.hpp"
#include "simulation/world/fake_server_commands.hpp"

namespace meridian::simulation {

std::string FakeServer::exec(Session& session) {
  FakeTransaction::Queue commands;
  std::string reply = session.transaction.exec(data_, session.protocol, commands);
  if (!reply.empty()) return reply;
  reply = "*" + std::to_string(commands.size()) + "\r\n";
  inside_unit_ = true;
  for (const auto& command : commands) {
    const std::vector<std::string_view> words(command.begin(), command.end());
    reply += execute(session, *known_command(words.front()), words);
  }
  inside_unit_ = false;
  return reply;
}

// A script's command is refused as any other.
std::string FakeServer::run_script(Session& session, const CommandSpec& spec, Words words) {
  const FakeScripts::Outcome outcome =
      spec.verb == Verb::eval ? scripts_known_.eval(words) : scripts_known_.evalsha(words);
  if (!outcome.error.empty()) return outcome.error;
  const std::vector<std::string_view> command(outcome.command.begin(), outcome.command.end());
  const CommandSpec* called = known_command(command.front());
  std::string refused = refusal_of(session, called, command);
  if (!refused.empty()) return refused;
  const bool outer = std::exchange(inside_unit_, true);
  std::string reply = execute(session, *called, command);
  inside_unit_ = outer;
  return reply;
}

void FakeServer::block(const Session& session, const CommandSpec& spec, Words words, Duration longest) {
  FakeBlocking::Waiting waiting{.connection = session.connection->id(),
                                .database = session.database,
                                .protocol = session.protocol,
                                .verb = spec.verb,
                                .words = {words.begin(), words.end()},
                                .until = TimePoint::max()};
  if (spec.verb == Verb::xread && words.back() == "$") {
    waiting.words.back() = data_.last_id(std::string(words[words.size() - 2]), session.database);
  }
  if (longest != Duration::max()) {
    waiting.until = scheduler_.now() + longest;
    scheduler_.at(waiting.until, [this] { expire_blocked(); });
  }
  blocking_.add(std::move(waiting));
}

// Whoever came first is served first, as long as there is anything.
void FakeServer::serve_blocked() {
  for (bool served = true; std::exchange(served, false);) {
    for (const FakeBlocking::Waiting& waiting : blocking_.line()) {
      const auto words = waiting.views();
      std::string reply = data_.execute(waiting.verb, words, waiting.database, waiting.protocol);
      if (reply == null_array_reply(waiting.protocol)) continue;
      const CommandSpec& spec = *known_command(words.front());
      log(*sessions_.at(waiting.connection), spec, words, reply);
      unblock(waiting.connection, spec.name, std::move(reply));
      served = true;
      break;
    }
  }
}

void FakeServer::expire_blocked() {
  if (state_ != ProcessState::running) return;
  while (const auto expired = blocking_.take_expired(scheduler_.now())) {
    unblock(expired->connection, expired->words.front(), std::string(null_array_reply(expired->protocol)));
  }
}

void FakeServer::unblock(ConnectionId connection, std::string_view command, std::string reply) {
  blocking_.remove(connection);
  Session& session = *sessions_.at(connection);
  respond(session, command, std::move(reply));
  settle(session);
}

}  // namespace meridian::simulation
