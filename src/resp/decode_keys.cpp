// The decoders of commands on keys: expiry times, idle times, pages of a scan.
#include <meridian/commands/keys.hpp>

#include "resp/decode_scan.hpp"
#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

template <class Unit>
Result<ExpireTime> decode_expiretime(ReplyView reply) {
  const std::optional<std::int64_t> answer =
      reply.type() == ReplyType::integer ? reply.as_integer() : std::optional<std::int64_t>();
  if (!answer || *answer < -2) return mismatch(reply, "a time of expiry: an integer of at least -2");
  if (*answer == -2) return ExpireTime{ExpireTime::State::no_key};
  if (*answer == -1) return ExpireTime{ExpireTime::State::no_expiry};
  // The last millisecond that there is stands for all that is later.
  using std::chrono::milliseconds;
  const bool fits = *answer <= std::chrono::duration_cast<Unit>(milliseconds::max()).count();
  const milliseconds at = fits ? std::chrono::duration_cast<milliseconds>(Unit(*answer)) : milliseconds::max();
  return ExpireTime{ExpireTime::State::expires, std::chrono::sys_time<milliseconds>(at)};
}

Result<std::chrono::seconds> decode_seconds(ReplyView reply) {
  const std::optional<std::int64_t> seconds = integer_of(reply);
  if (!seconds) return mismatch(reply, "a number of seconds");
  return std::chrono::seconds(*seconds);
}

}  // namespace

Result<ExpireTime> decode_expiretime_seconds(ReplyView reply) { return decode_expiretime<std::chrono::seconds>(reply); }

Result<ExpireTime> decode_expiretime_milliseconds(ReplyView reply) {
  return decode_expiretime<std::chrono::milliseconds>(reply);
}

Result<std::optional<std::chrono::seconds>> decode_idle_time(ReplyView reply) {
  return optional_of<std::chrono::seconds>(reply, decode_seconds);
}

Result<ScanPage<std::string>> decode_scan_page(ReplyView reply) {
  return scan_page_of<std::string>(reply, decode<std::vector<std::string>>);
}

Result<ScanPage<std::pair<std::string, std::string>>> decode_scan_page_of_pairs(ReplyView reply) {
  using Pair = std::pair<std::string, std::string>;
  return scan_page_of<Pair>(reply, decode<std::vector<Pair>>);
}

}  // namespace meridian::detail
