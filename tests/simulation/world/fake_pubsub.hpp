// What one connection of a fake server is subscribed to, and what it is told, with the replies of Redis 7.
// https://redis.io/docs/latest/develop/pubsub/
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/world/keyspace.hpp"

namespace meridian::simulation {

class FakePubSub {
 public:
  using Names = std::set<std::string, std::less<>>;

  // One of the six commands, with at least one name: all its confirmations.
  [[nodiscard]] std::string change(Verb verb, Keyspace::Words words, int protocol);

  // In RESP2 nothing but the six commands and PING is allowed while there is a subscription.
  [[nodiscard]] bool is_subscribed() const noexcept {
    return !channels_.empty() || !patterns_.empty() || !shards_.empty();
  }

  // What PUBLISH (or SPUBLISH) of this makes this connection receive: one text per subscription that fits.
  [[nodiscard]] std::vector<std::string> messages(std::string_view channel, std::string_view payload,
                                                  int protocol) const;
  [[nodiscard]] std::vector<std::string> shard_messages(std::string_view channel, std::string_view payload,
                                                        int protocol) const;

  [[nodiscard]] const Names& channels() const noexcept { return channels_; }
  [[nodiscard]] const Names& patterns() const noexcept { return patterns_; }
  [[nodiscard]] const Names& shards() const noexcept { return shards_; }

 private:
  Names channels_;
  Names patterns_;
  Names shards_;
};

// PING inside a subscription, in RESP2.
inline constexpr std::string_view pong_of_subscriber = "*2\r\n$4\r\npong\r\n$0\r\n\r\n";

}  // namespace meridian::simulation
