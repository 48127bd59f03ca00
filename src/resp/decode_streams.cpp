// The decoders of <meridian/commands/streams.hpp>.
#include <meridian/commands/streams.hpp>

#include <utility>

#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

using std::chrono::milliseconds;

// An array of what `read` makes of each element; nothing if it can make nothing of one.
template <class Read>
auto all_of(ReplyView reply, Read read) -> std::optional<std::vector<typename decltype(read(reply))::value_type>> {
  if (reply.type() != ReplyType::array) return std::nullopt;
  std::vector<typename decltype(read(reply))::value_type> values;
  values.reserve(reply.size());
  for (const ReplyView element : reply) {
    auto value = read(element);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

// The same as a result.
template <class Read>
auto decode_all(ReplyView reply, Read read, std::string_view promised)
    -> Result<std::vector<typename decltype(read(reply))::value_type>> {
  if (reply.type() != ReplyType::array) return mismatch(reply, promised);
  std::vector<typename decltype(read(reply))::value_type> values;
  values.reserve(reply.size());
  for (const ReplyView element : reply) {
    auto value = read(element);
    if (!value) return mismatch_inside(reply, element, promised);
    values.push_back(std::move(*value));
  }
  return values;
}

// An array of an id and the fields; null instead of these for an entry that is gone.
std::optional<StreamEntry> entry_of(ReplyView reply) {
  if (!is_array_of(reply, 2)) return std::nullopt;
  auto part = reply.begin();
  std::optional<std::string> id = text_of(*part);
  if (!id) return std::nullopt;
  StreamEntry entry{.id = std::move(*id)};
  const ReplyView fields = *++part;
  entry.deleted = fields.is_null();
  if (entry.deleted) return entry;
  if (!is_map(fields)) return std::nullopt;
  entry.fields.reserve(fields.size() / 2);
  for (auto element = fields.begin(); element != fields.end(); ++element) {
    std::optional<std::string> name = text_of(*element);
    std::optional<std::string> value = text_of(*++element);
    if (!name || !value) return std::nullopt;
    entry.fields.emplace_back(std::move(*name), std::move(*value));
  }
  return entry;
}

std::optional<StreamEntries> stream_of(ReplyView key, ReplyView entries) {
  std::optional<std::string> name = text_of(key);
  std::optional<std::vector<StreamEntry>> read = all_of(entries, entry_of);
  if (!name || !read) return std::nullopt;
  return StreamEntries{std::move(*name), std::move(*read)};
}

std::optional<PendingSummary::Consumer> pending_consumer_of(ReplyView reply) {
  if (!is_array_of(reply, 2)) return std::nullopt;
  auto part = reply.begin();
  std::optional<std::string> name = text_of(*part);
  const std::optional<std::int64_t> pending = integer_of(*++part);
  if (!name || !pending) return std::nullopt;
  return PendingSummary::Consumer{std::move(*name), *pending};
}

std::optional<PendingEntry> pending_entry_of(ReplyView reply) {
  if (!is_array_of(reply, 4)) return std::nullopt;
  auto part = reply.begin();
  std::optional<std::string> id = text_of(*part);
  std::optional<std::string> consumer = text_of(*++part);
  const std::optional<std::int64_t> idle = integer_of(*++part);
  const std::optional<std::int64_t> deliveries = integer_of(*++part);
  if (!id || !consumer || !idle || !deliveries) return std::nullopt;
  return PendingEntry{std::move(*id), std::move(*consumer), milliseconds(*idle), *deliveries};
}

// XAUTOCLAIM: where to go on, what was taken and, since Redis 7, what is gone.
template <class Claimed, class Taken>
Result<Claimed> decode_claim(ReplyView reply, Decoder<Taken> decode_taken) {
  constexpr std::string_view promised = "an array of an id, of what was claimed and of deleted ids";
  if (!is_array_of(reply, 2) && !is_array_of(reply, 3)) return mismatch(reply, promised);
  auto part = reply.begin();
  std::optional<std::string> next = text_of(*part);
  if (!next) return mismatch_inside(reply, *part, promised);
  Result<Taken> taken = decode_taken(*++part);
  if (!taken) return Unexpected(std::move(taken.error()));
  Claimed claimed{std::move(*next), std::move(*taken), {}};
  if (reply.size() == 2) return claimed;
  Result<std::vector<std::string>> deleted = decode<std::vector<std::string>>(*++part);
  if (!deleted) return Unexpected(std::move(deleted.error()));
  claimed.deleted = std::move(*deleted);
  return claimed;
}

// What the two forms of XINFO STREAM have in common. False if a part that every server sends is not there.
template <class Info>
bool read_common_info(const Fields& fields, Info& info) {
  const std::optional<std::int64_t> length = fields.integer("length");
  const std::optional<std::int64_t> keys = fields.integer("radix-tree-keys");
  const std::optional<std::int64_t> nodes = fields.integer("radix-tree-nodes");
  std::optional<std::string> last_id = fields.text("last-generated-id");
  if (!length || !keys || !nodes || !last_id) return false;
  info.length = *length;
  info.radix_tree_keys = *keys;
  info.radix_tree_nodes = *nodes;
  info.last_generated_id = std::move(*last_id);
  info.max_deleted_entry_id = fields.text("max-deleted-entry-id");
  info.entries_added = fields.integer("entries-added");
  info.recorded_first_entry_id = fields.text("recorded-first-entry-id");
  return true;
}

// False if there is one, but not what it should be. Null: none.
bool read_optional_entry(const Fields& fields, std::string_view name, std::optional<StreamEntry>& entry) {
  const std::optional<ReplyView> value = fields.find(name);
  if (!value) return false;
  if (value->is_null()) return true;
  entry = entry_of(*value);
  return entry.has_value();
}

std::optional<ServerMilliseconds> time_of(std::optional<std::int64_t> since_1970) {
  if (!since_1970) return std::nullopt;
  return ServerMilliseconds(milliseconds(*since_1970));
}

// −1 stands for what has not happened yet.
std::optional<std::int64_t> if_ever(std::optional<std::int64_t> value) {
  return value && *value >= 0 ? value : std::nullopt;
}

std::optional<StreamFullInfo::Pending> group_pending_of(ReplyView reply) {
  if (!is_array_of(reply, 4)) return std::nullopt;
  auto part = reply.begin();
  std::optional<std::string> id = text_of(*part);
  std::optional<std::string> consumer = text_of(*++part);
  const std::optional<ServerMilliseconds> delivered_at = time_of(integer_of(*++part));
  const std::optional<std::int64_t> deliveries = integer_of(*++part);
  if (!id || !consumer || !delivered_at || !deliveries) return std::nullopt;
  return StreamFullInfo::Pending{std::move(*id), std::move(*consumer), *delivered_at, *deliveries};
}

// The same of one consumer, whose name is not said again.
std::optional<StreamFullInfo::Pending> consumer_pending_of(ReplyView reply, const std::string& consumer) {
  if (!is_array_of(reply, 3)) return std::nullopt;
  auto part = reply.begin();
  std::optional<std::string> id = text_of(*part);
  const std::optional<ServerMilliseconds> delivered_at = time_of(integer_of(*++part));
  const std::optional<std::int64_t> deliveries = integer_of(*++part);
  if (!id || !delivered_at || !deliveries) return std::nullopt;
  return StreamFullInfo::Pending{std::move(*id), consumer, *delivered_at, *deliveries};
}

// Servers call it "pending", the documentation "pel".
std::optional<ReplyView> pending_in(const Fields& fields) {
  const std::optional<ReplyView> pending = fields.find("pending");
  return pending ? pending : fields.find("pel");
}

std::optional<StreamFullInfo::Consumer> full_consumer_of(ReplyView reply) {
  const std::optional<Fields> fields = Fields::of(reply);
  if (!fields) return std::nullopt;
  std::optional<std::string> name = fields->text("name");
  const std::optional<ServerMilliseconds> seen_at = time_of(fields->integer("seen-time"));
  const std::optional<std::int64_t> count = fields->integer("pel-count");
  const std::optional<ReplyView> list = pending_in(*fields);
  if (!name || !seen_at || !count || !list) return std::nullopt;
  auto pending = all_of(*list, [&](ReplyView element) { return consumer_pending_of(element, *name); });
  if (!pending) return std::nullopt;
  return StreamFullInfo::Consumer{std::move(*name), *seen_at, time_of(if_ever(fields->integer("active-time"))), *count,
                                  std::move(*pending)};
}

std::optional<StreamFullInfo::Group> full_group_of(ReplyView reply) {
  const std::optional<Fields> fields = Fields::of(reply);
  if (!fields) return std::nullopt;
  std::optional<std::string> name = fields->text("name");
  std::optional<std::string> last_id = fields->text("last-delivered-id");
  const std::optional<std::int64_t> count = fields->integer("pel-count");
  const std::optional<ReplyView> pending_list = pending_in(*fields);
  const std::optional<ReplyView> consumer_list = fields->find("consumers");
  if (!name || !last_id || !count || !pending_list || !consumer_list) return std::nullopt;
  auto pending = all_of(*pending_list, group_pending_of);
  auto consumers = all_of(*consumer_list, full_consumer_of);
  if (!pending || !consumers) return std::nullopt;
  return StreamFullInfo::Group{
      std::move(*name),    std::move(*last_id),  fields->integer("entries-read"), fields->integer("lag"), *count,
      std::move(*pending), std::move(*consumers)};
}

std::optional<StreamGroup> group_of(ReplyView reply) {
  const std::optional<Fields> fields = Fields::of(reply);
  if (!fields) return std::nullopt;
  std::optional<std::string> name = fields->text("name");
  const std::optional<std::int64_t> consumers = fields->integer("consumers");
  const std::optional<std::int64_t> pending = fields->integer("pending");
  std::optional<std::string> last_id = fields->text("last-delivered-id");
  if (!name || !consumers || !pending || !last_id) return std::nullopt;
  return StreamGroup{std::move(*name),      *consumers, *pending, std::move(*last_id), fields->integer("entries-read"),
                     fields->integer("lag")};
}

std::optional<StreamConsumer> consumer_of(ReplyView reply) {
  const std::optional<Fields> fields = Fields::of(reply);
  if (!fields) return std::nullopt;
  std::optional<std::string> name = fields->text("name");
  const std::optional<std::int64_t> pending = fields->integer("pending");
  const std::optional<std::int64_t> idle = fields->integer("idle");
  if (!name || !pending || !idle) return std::nullopt;
  StreamConsumer consumer{std::move(*name), *pending, milliseconds(*idle), std::nullopt};
  if (const auto inactive = if_ever(fields->integer("inactive"))) consumer.inactive = milliseconds(*inactive);
  return consumer;
}

}  // namespace

Result<std::vector<StreamEntry>> decode_stream_entries(ReplyView reply) {
  return decode_all(reply, entry_of, "an array of stream entries");
}

Result<std::vector<StreamEntry>> decode_claimed_entries(ReplyView reply) {
  constexpr std::string_view promised = "an array of stream entries and nulls";
  if (reply.type() != ReplyType::array) return mismatch(reply, promised);
  std::vector<StreamEntry> entries;
  entries.reserve(reply.size());
  for (const ReplyView element : reply) {
    if (element.is_null()) continue;
    std::optional<StreamEntry> entry = entry_of(element);
    if (!entry) return mismatch_inside(reply, element, promised);
    entries.push_back(std::move(*entry));
  }
  return entries;
}

Result<std::vector<StreamEntries>> decode_streams(ReplyView reply) {
  constexpr std::string_view promised = "a map or an array of keys and stream entries, or null";
  std::vector<StreamEntries> streams;
  if (reply.is_null()) return streams;
  const bool is_real_map = reply.type() == ReplyType::map;
  if (!is_real_map && reply.type() != ReplyType::array) return mismatch(reply, promised);
  for (auto element = reply.begin(); element != reply.end(); ++element) {
    const ReplyView one = *element;
    if (!is_real_map && !is_array_of(one, 2)) return mismatch_inside(reply, one, promised);
    auto inside = one.begin();
    const ReplyView key = is_real_map ? one : *inside;
    const ReplyView entries = is_real_map ? *++element : *++inside;
    std::optional<StreamEntries> stream = stream_of(key, entries);
    if (!stream) return mismatch_inside(reply, entries, promised);
    streams.push_back(std::move(*stream));
  }
  return streams;
}

Result<PendingSummary> decode_pending_summary(ReplyView reply) {
  constexpr std::string_view promised = "an array of a number, two ids and consumers";
  if (!is_array_of(reply, 4)) return mismatch(reply, promised);
  auto part = reply.begin();
  const std::optional<std::int64_t> pending = integer_of(*part);
  std::optional<std::string> lowest_id = text_of(*++part);
  std::optional<std::string> highest_id = text_of(*++part);
  const ReplyView list = *++part;
  if (!pending) return mismatch_inside(reply, *reply.begin(), promised);
  PendingSummary summary{*pending, std::move(lowest_id), std::move(highest_id), {}};
  if (list.is_null()) return summary;
  auto consumers = all_of(list, pending_consumer_of);
  if (!consumers) return mismatch_inside(reply, list, promised);
  summary.consumers = std::move(*consumers);
  return summary;
}

Result<std::vector<PendingEntry>> decode_pending_entries(ReplyView reply) {
  return decode_all(reply, pending_entry_of, "an array of pending entries");
}

Result<AutoClaimed> decode_auto_claimed(ReplyView reply) {
  return decode_claim<AutoClaimed, std::vector<StreamEntry>>(reply, decode_claimed_entries);
}

Result<AutoClaimedIds> decode_auto_claimed_ids(ReplyView reply) {
  return decode_claim<AutoClaimedIds, std::vector<std::string>>(reply, decode<std::vector<std::string>>);
}

Result<StreamInfo> decode_stream_info(ReplyView reply) {
  constexpr std::string_view promised = "a map of what there is to know of a stream";
  const std::optional<Fields> fields = Fields::of(reply);
  if (!fields) return mismatch(reply, promised);
  StreamInfo info;
  const std::optional<std::int64_t> groups = fields->integer("groups");
  if (!groups || !read_common_info(*fields, info) || !read_optional_entry(*fields, "first-entry", info.first_entry) ||
      !read_optional_entry(*fields, "last-entry", info.last_entry)) {
    return mismatch(reply, promised);
  }
  info.groups = *groups;
  return info;
}

Result<StreamFullInfo> decode_stream_full_info(ReplyView reply) {
  constexpr std::string_view promised = "a map of all there is to know of a stream";
  const std::optional<Fields> fields = Fields::of(reply);
  if (!fields) return mismatch(reply, promised);
  const std::optional<ReplyView> entry_list = fields->find("entries");
  const std::optional<ReplyView> group_list = fields->find("groups");
  StreamFullInfo info;
  if (!entry_list || !group_list || !read_common_info(*fields, info)) return mismatch(reply, promised);
  auto entries = all_of(*entry_list, entry_of);
  auto groups = all_of(*group_list, full_group_of);
  if (!entries || !groups) return mismatch_inside(reply, entries ? *group_list : *entry_list, promised);
  info.entries = std::move(*entries);
  info.groups = std::move(*groups);
  return info;
}

Result<std::vector<StreamGroup>> decode_stream_groups(ReplyView reply) {
  return decode_all(reply, group_of, "an array of groups");
}

Result<std::vector<StreamConsumer>> decode_stream_consumers(ReplyView reply) {
  return decode_all(reply, consumer_of, "an array of consumers");
}

}  // namespace meridian::detail
