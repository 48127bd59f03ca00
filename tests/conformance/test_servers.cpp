// Starts and asks the servers of the conformance test.
#include "conformance/test_servers.hpp"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <meridian/reply.hpp>

#include "conformance/all_examples.hpp"

namespace meridian::conformance {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char character) { return static_cast<char>(std::toupper(character)); });
  return result;
}

// "redis_version" of INFO; empty if there is none.
std::string fact(std::string_view info, std::string_view name) {
  const std::size_t line = info.find("\n" + std::string(name) + ":");
  if (line == std::string_view::npos) return {};
  const std::size_t value = line + name.size() + 2;
  return std::string(info.substr(value, info.find('\r', value) - value));
}

// One element of COMMAND, and those of its subcommands.
void note_command(ReplyView info, std::map<std::string, ServerCommand>& commands) {
  std::vector<ReplyView> parts;
  for (const ReplyView part : info) parts.push_back(part);
  if (parts.size() > 9 && parts[9].size() > 0) {
    for (const ReplyView subcommand : parts[9]) note_command(subcommand, commands);
    return;
  }
  std::string name = upper(parts.at(0).as_string().value_or(""));
  std::replace(name.begin(), name.end(), '|', ' ');
  ServerCommand command;
  command.arity = static_cast<int>(parts.at(1).as_integer().value_or(0));
  for (const ReplyView flag : parts.at(2)) command.flags.emplace(flag.as_string().value_or(""));
  command.has_keys = parts.at(3).as_integer() != 0 || command.flags.contains("movablekeys");
  commands.emplace(std::move(name), std::move(command));
}

std::vector<int> numbers(std::string_view version) {
  std::vector<int> parts;
  std::istringstream stream{std::string(version)};
  for (std::string part; std::getline(stream, part, '.');) parts.push_back(std::stoi(part));
  return parts;
}

}  // namespace

TestServer::TestServer(std::vector<std::string> arguments)
    : server_(std::move(arguments)), resp2_(server_.port()), resp3_(server_.port()) {
  resp3_.command({"HELLO", "3"});
}

void TestServer::reset() {
  static const std::vector<Words> cleaning = {{"FLUSHALL"},
                                              {"FUNCTION", "FLUSH"},
                                              {"SCRIPT", "FLUSH"},
                                              {"SLOWLOG", "RESET"},
                                              {"LATENCY", "RESET"},
                                              {"ACL", "DELUSER", "alice", "bob"},
                                              {"ACL", "LOG", "RESET"},
                                              {"CONFIG", "RESETSTAT"}};
  // A child that still saves would refuse the next one.
  const auto is_saving = [&] {
    const std::string info = resp2_.command({"INFO", "persistence"});
    return fact(info, "rdb_bgsave_in_progress") != "0" || fact(info, "aof_rewrite_in_progress") != "0";
  };
  while (is_saving()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  for (const Words& words : cleaning) resp2_.send(words);
  for (std::size_t i = 0; i < cleaning.size(); ++i) resp2_.receive();
}

void TestServer::prepare(const std::vector<std::string_view>& lines) {
  for (const std::string_view line : lines) {
    const std::string reply = resp2_.command(words_of(line));
    if (reply.starts_with('-')) throw std::runtime_error("given '" + std::string(line) + "': " + reply);
  }
}

std::string TestServer::reply_to(const Words& words, int protocol) {
  return (protocol == 3 ? resp3_ : resp2_).command(words);
}

// Nothing is slow by itself, however busy the machine is.
TestServers::TestServers() : plain_({"--slowlog-log-slower-than", "-1"}) {
  const std::string info = plain_.reply_to({"INFO", "server"}, 2);
  version_ = fact(info, "redis_version");
  const std::string valkey = fact(info, "valkey_version");
  product_ = valkey.empty() ? "redis-server " + version_ : "valkey-server " + valkey;
  const Reply all(plain_.reply_to({"COMMAND"}, 2));
  for (const ReplyView command : all.view()) note_command(command, commands_);
}

TestServer& TestServers::cluster() {
  if (cluster_) return *cluster_;
  cluster_ = std::make_unique<TestServer>(
      std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-require-full-coverage", "no"});
  cluster_->prepare({"CLUSTER ADDSLOTSRANGE 0 16383"});
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (cluster_->reply_to({"CLUSTER", "INFO"}, 2).find("cluster_state:ok") == std::string::npos) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("the cluster of one node does not begin");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return *cluster_;
}

bool TestServers::is_at_least(std::string_view version) const { return numbers(version_) >= numbers(version); }

std::optional<Words> TestServers::keys_of(const Words& words) {
  if (words.size() < 2) return Words();  // COMMAND GETKEYS does not take a name alone
  Words question = {"COMMAND", "GETKEYS"};
  question.insert(question.end(), words.begin(), words.end());
  const Reply answer(plain_.reply_to(question, 2));
  Words keys;
  if (answer.view().is_error()) {
    const bool has_none = answer.as_string()->find("no key arguments") != std::string_view::npos;
    return has_none ? std::optional(keys) : std::nullopt;
  }
  for (const ReplyView key : answer.view()) keys.emplace_back(key.as_string().value_or(""));
  std::sort(keys.begin(), keys.end());
  return keys;
}

namespace {
std::unique_ptr<TestServers> the_servers;
}

TestServers& test_servers() {
  if (!the_servers) the_servers = std::make_unique<TestServers>();
  return *the_servers;
}

void stop_test_servers() { the_servers.reset(); }

}  // namespace meridian::conformance
