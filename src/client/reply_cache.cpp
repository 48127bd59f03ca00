#include "client/reply_cache.hpp"

#include <algorithm>
#include <array>

namespace meridian::client {
namespace {

// Reads that give the same as long as their keys stay as they are. Not among them: what depends on the clock (TTL), on
// chance (SRANDMEMBER), on keys it does not name (SORT … BY), or on a cursor. Sorted.
constexpr std::array<std::string_view, 60> cacheable = {"BITCOUNT",    "BITFIELD_RO",    "BITPOS",
                                                        "EXISTS",      "GEODIST",        "GEOHASH",
                                                        "GEOPOS",      "GEOSEARCH",      "GET",
                                                        "GETBIT",      "GETRANGE",       "HEXISTS",
                                                        "HGET",        "HGETALL",        "HKEYS",
                                                        "HLEN",        "HMGET",          "HSTRLEN",
                                                        "HVALS",       "JSON.GET",       "JSON.MGET",
                                                        "JSON.STRLEN", "JSON.TYPE",      "LCS",
                                                        "LINDEX",      "LLEN",           "LPOS",
                                                        "LRANGE",      "MGET",           "SCARD",
                                                        "SDIFF",       "SINTER",         "SINTERCARD",
                                                        "SISMEMBER",   "SMEMBERS",       "SMISMEMBER",
                                                        "STRLEN",      "SUBSTR",         "SUNION",
                                                        "TYPE",        "XLEN",           "XRANGE",
                                                        "XREVRANGE",   "ZCARD",          "ZCOUNT",
                                                        "ZDIFF",       "ZINTER",         "ZINTERCARD",
                                                        "ZLEXCOUNT",   "ZMSCORE",        "ZRANGE",
                                                        "ZRANGEBYLEX", "ZRANGEBYSCORE",  "ZRANK",
                                                        "ZREVRANGE",   "ZREVRANGEBYLEX", "ZREVRANGEBYSCORE",
                                                        "ZREVRANK",    "ZSCORE",         "ZUNION"};
static_assert(std::is_sorted(cacheable.begin(), cacheable.end()));

// What an entry costs besides its texts, about: nodes of the list and of two maps.
constexpr std::size_t overhead = 256;

// "*2\r\n$3\r\nGET\r\n…"
std::string_view first_word(std::string_view bytes) noexcept {
  const std::size_t dollar = bytes.find('$');
  if (dollar == std::string_view::npos) return {};
  const std::size_t begin = bytes.find('\n', dollar);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = bytes.find('\r', begin);
  return end == std::string_view::npos ? std::string_view() : bytes.substr(begin + 1, end - begin - 1);
}

}  // namespace

bool ReplyCache::is_cacheable(const RequestView& request) noexcept {
  if (!request.traits.is_read() || request.keys.count == 0 || request.traits.needs_own_connection) return false;
  return std::binary_search(cacheable.begin(), cacheable.end(), first_word(request.bytes));
}

const std::string* ReplyCache::find(const RequestView& request, TimePoint now) {
  const auto found = by_request_.find(request.bytes);
  if (found == by_request_.end()) {
    ++statistics_.misses;
    return nullptr;
  }
  const Entries::iterator entry = found->second;
  if (options_.max_age && now - entry->kept_at >= *options_.max_age) {
    erase(entry);
    ++statistics_.misses;
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  ++statistics_.hits;
  return &entry->reply;
}

std::size_t ReplyCache::size_of(const Entry& entry) noexcept {
  std::size_t size = overhead + entry.request.size() + entry.reply.size();
  for (const std::string& key : entry.keys) size += 2 * key.size();
  return size;
}

void ReplyCache::keep(const RequestView& request, ReplyView reply, TimePoint now, std::uint64_t number) {
  const std::vector<std::string_view> keys = keys_of(request);
  const auto is_older = [&](std::string_view key) { return number <= written(key); };
  if (number <= anything_written_ || std::any_of(keys.begin(), keys.end(), is_older)) return;
  if (const auto old = by_request_.find(request.bytes); old != by_request_.end()) erase(old->second);
  Entry entry{.request = std::string(request.bytes), .reply = std::string(reply.wire()), .keys = {}, .kept_at = now};
  entry.keys.assign(keys.begin(), keys.end());
  const std::size_t size = size_of(entry);
  if (size > options_.max_bytes) return;
  entries_.push_front(std::move(entry));
  const Entries::iterator kept = entries_.begin();
  by_request_.emplace(kept->request, kept);
  for (const std::string& key : kept->keys) by_key_[key].push_back(kept);
  statistics_.bytes += size;
  while (entries_.size() > options_.max_entries || statistics_.bytes > options_.max_bytes) {
    erase(std::prev(entries_.end()));
  }
}

void ReplyCache::on_write(const RequestView& request, std::uint64_t last) {
  if (request.traits.is_read()) return;
  const bool touches_anything = request.replies > 1 || request.traits.repeat >= Repeat::administrative;
  if (touches_anything) return flush(last);
  for (const std::string_view key : keys_of(request)) {
    written(key) = last;
    forget(key);
  }
}

void ReplyCache::on_push(ReplyView push) {
  auto element = push.begin();
  if (push.size() != 2 || (*element).as_string() != "invalidate") return;
  const ReplyView keys = *++element;
  if (keys.is_null()) return clear();  // FLUSHALL, FLUSHDB
  for (const ReplyView key : keys) {
    ++statistics_.invalidations;
    forget(key.as_string().value_or(std::string_view()));
  }
}

void ReplyCache::forget(std::string_view key) {
  while (true) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    erase(found->second.back());
  }
}

void ReplyCache::erase(Entries::iterator entry) {
  statistics_.bytes -= size_of(*entry);
  by_request_.erase(entry->request);
  for (const std::string& key : entry->keys) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) continue;  // the same key twice in one command
    std::erase(found->second, entry);
    if (found->second.empty()) by_key_.erase(found);
  }
  entries_.erase(entry);
}

void ReplyCache::flush(std::uint64_t last) {
  anything_written_ = last;
  clear();
}

void ReplyCache::clear() {
  by_request_.clear();
  by_key_.clear();
  entries_.clear();
  statistics_.bytes = 0;
  ++statistics_.flushes;
}

CacheStatistics ReplyCache::statistics() const noexcept {
  CacheStatistics statistics = statistics_;
  statistics.entries = entries_.size();
  return statistics;
}

}  // namespace meridian::client
