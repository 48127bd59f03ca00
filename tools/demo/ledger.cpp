// The question to the servers, and how their answers are held against what the calls were told.
#include "demo/ledger.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string_view>

#include "demo/interruption.hpp"

namespace meridian::demo {
namespace {

using testing::RedisServer;

constexpr std::size_t keys_per_question = 500;

// The integers of an MGET's reply as it came: "*2\r\n$1\r\n1\r\n$-1\r\n"; 0 for a missing key.
std::vector<std::uint64_t> read_counts(std::string_view reply) {
  const auto take_line = [&reply] {
    const std::size_t end = reply.find("\r\n");
    if (end == std::string_view::npos) throw std::runtime_error("MGET: the reply is cut");
    std::string line(reply.substr(0, end));
    reply.remove_prefix(end + 2);
    return line;
  };
  const std::string header = take_line();
  if (header.empty() || header[0] != '*') throw std::runtime_error("MGET: " + header);
  std::vector<std::uint64_t> counts(std::stoul(header.substr(1)));
  for (std::uint64_t& count : counts) {
    if (take_line() != "$-1") count = std::stoull(take_line());
  }
  return counts;
}

// A server that was stopped may still have commands to read that a client wrote long ago. It has read them all when it
// has seen the end of every connection but the one that asks.
void wait_until_drained(const RedisServer& server, const std::stop_token& stop) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (server.command({"INFO", "clients"}).find("connected_clients:1\r\n") == std::string::npos) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("a server did not drain within 10 s");
    pause(std::chrono::milliseconds(20), stop);
  }
}

}  // namespace

std::string Ledger::key(std::size_t worker, std::size_t n) {
  return "incr:" + std::to_string(worker) + ":" + std::to_string(n);
}

void Ledger::record(std::size_t worker, const std::optional<Delivery>& failure) {
  Promise promise = Promise::ran;
  if (failure) {
    const bool certain = *failure == Delivery::not_sent || *failure == Delivery::rejected;
    promise = certain ? Promise::did_not_run : Promise::nothing;
  }
  entries_[worker].push_back({promise, chapter_.load()});
}

std::vector<IncrCount> Ledger::count(const std::vector<RedisServer*>& servers, const std::stop_token& stop) const {
  for (const RedisServer* server : servers) wait_until_drained(*server, stop);
  std::vector<IncrCount> chapters(std::max<std::size_t>(chapter_.load(), 1));
  for (std::size_t worker = 0; worker < workers; ++worker) {
    const std::vector<Entry>& entries = entries_[worker];
    for (std::size_t begin = 0; begin < entries.size(); begin += keys_per_question) {
      throw_if_interrupted(stop);
      const std::size_t end = std::min(entries.size(), begin + keys_per_question);
      std::vector<std::string> question{"MGET"};
      for (std::size_t n = begin; n < end; ++n) question.push_back(key(worker, n));
      std::vector<std::uint64_t> sums(end - begin);
      for (const RedisServer* server : servers) {
        const std::vector<std::uint64_t> counts = read_counts(server->command(question));
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += counts.at(i);
      }
      for (std::size_t i = 0; i < sums.size(); ++i) {
        const Entry& entry = entries[begin + i];
        IncrCount& count = chapters[std::max<std::size_t>(entry.chapter, 1) - 1];
        ++count.calls;
        if (sums[i] > 1) ++count.twice;
        if (entry.promise == Promise::ran && sums[i] == 0) ++count.lost;
        if (entry.promise == Promise::did_not_run && sums[i] > 0) ++count.not_sent_but_ran;
        if (entry.promise == Promise::nothing) {
          ++count.in_doubt;
          if (sums[i] > 0) ++count.in_doubt_ran;
        }
      }
    }
  }
  return chapters;
}

}  // namespace meridian::demo
