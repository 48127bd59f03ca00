#include "simulation/world/fake_transaction.hpp"

#include <algorithm>

namespace meridian::simulation {

std::string FakeTransaction::multi() {
  if (open_) return "-ERR MULTI calls can not be nested\r\n";
  open_ = true;
  return "+OK\r\n";
}

std::string FakeTransaction::discard() {
  if (!open_) return "-ERR DISCARD without MULTI\r\n";
  end();
  return "+OK\r\n";
}

std::string FakeTransaction::watch(Keyspace::Words words, const Keyspace& data, int database) {
  for (const std::string_view key : words.subspan(1)) {
    watched_.try_emplace({database, std::string(key)}, data.version(std::string(key), database));
  }
  return "+OK\r\n";
}

std::string FakeTransaction::unwatch() {
  watched_.clear();
  return "+OK\r\n";
}

std::string FakeTransaction::enqueue(Keyspace::Words words) {
  queue_.emplace_back(words.begin(), words.end());
  return "+QUEUED\r\n";
}

std::string FakeTransaction::exec(const Keyspace& data, int protocol, Queue& commands) {
  if (!open_) return "-ERR EXEC without MULTI\r\n";
  const bool refused = refused_;
  const bool touched = is_touched(data);
  commands = std::move(queue_);
  end();
  if (refused) return "-EXECABORT Transaction discarded because of previous errors.\r\n";
  if (touched) return std::string(null_array_reply(protocol));
  return {};
}

bool FakeTransaction::is_touched(const Keyspace& data) const {
  return std::ranges::any_of(watched_, [&](const auto& watched) {
    const auto& [database, key] = watched.first;
    return data.version(key, database) != watched.second;
  });
}

void FakeTransaction::end() {
  open_ = refused_ = false;
  queue_.clear();
  watched_.clear();
}

}  // namespace meridian::simulation
