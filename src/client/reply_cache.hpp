// Replies that are kept on this side until the server says that their keys have changed (client-side caching, RESP3).
// On the loop only. https://redis.io/docs/latest/develop/reference/client-side-caching/
//
// Why a kept reply is not older than what the server last told: reads are tracked by the connection that carries them,
// which brings the reply first and the invalidation behind it. When such a connection goes, or a switch comes, all that
// is kept goes with it. What this client writes is forgotten before the write leaves and again when it is over.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <meridian/command.hpp>
#include <meridian/options.hpp>

namespace meridian::client {

class ReplyCache {
 public:
  explicit ReplyCache(const CacheOptions& options) : options_(options) {}
  ReplyCache(const ReplyCache&) = delete;
  ReplyCache& operator=(const ReplyCache&) = delete;

  // A read whose reply depends on the values of its keys alone.
  [[nodiscard]] static bool is_cacheable(const RequestView& request) noexcept;

  // The reply to the same bytes; null: none, or too old. Valid until the next change.
  [[nodiscard]] const std::string* find(const RequestView& request, TimePoint now);

  // Calls are numbered as they are issued; `number` is that of the call which brought the reply. A reply that was asked
  // for before a write of our own was over is not kept: it may be from before the write, though it comes after it.
  // REQUIRES: is_cacheable(request).
  void keep(const RequestView& request, ReplyView reply, TimePoint now, std::uint64_t number);

  // A command of this client's own, that may be no read, is about to be sent, or is over. `last`: the number of the
  // last call that was issued.
  void on_write(const RequestView& request, std::uint64_t last);

  // What the server says by itself; anything but an invalidation changes nothing.
  void on_push(ReplyView push);

  // Nobody would tell of changes any more, not of what is still on its way either. `last`: as in `on_write`.
  void flush(std::uint64_t last);

  [[nodiscard]] CacheStatistics statistics() const noexcept;

 private:
  struct Entry {
    std::string request;
    std::string reply;
    std::vector<std::string> keys;
    TimePoint kept_at;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };

  void clear();
  void forget(std::string_view key);
  [[nodiscard]] std::uint64_t& written(std::string_view key) noexcept {
    return written_[Hash()(key) % written_.size()];
  }
  void erase(Entries::iterator entry);
  [[nodiscard]] static std::size_t size_of(const Entry& entry) noexcept;

  const CacheOptions options_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_request_;  // views into the entries
  std::unordered_map<std::string, std::vector<Entries::iterator>, Hash, std::equal_to<>> by_key_;
  // The last call that had been issued when a write was over: of keys by their hash, for two may share a place, and of
  // writes that touch anything.
  std::array<std::uint64_t, 1024> written_{};
  std::uint64_t anything_written_ = 0;
  CacheStatistics statistics_;
};

}  // namespace meridian::client
