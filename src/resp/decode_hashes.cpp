// The decoders of the expiry of a hash's fields: one answer for each field.
#include <meridian/commands/hashes.hpp>

#include "resp/decode_support.hpp"

namespace meridian::detail {
namespace {

Result<FieldExpiry> decode_field_expiry(ReplyView reply) {
  switch (integer_of(reply).value_or(-1)) {
    case -2: return FieldExpiry::no_field;
    case 0: return FieldExpiry::not_met;
    case 1: return FieldExpiry::set;
    case 2: return FieldExpiry::deleted;
    default: return mismatch(reply, "-2, 0, 1 or 2");
  }
}

Result<FieldPersist> decode_field_persist(ReplyView reply) {
  switch (integer_of(reply).value_or(0)) {
    case -2: return FieldPersist::no_field;
    case -1: return FieldPersist::no_expiry;
    case 1: return FieldPersist::persisted;
    default: return mismatch(reply, "-2, -1 or 1");
  }
}

}  // namespace

Result<std::vector<FieldExpiry>> decode_field_expiries(ReplyView reply) {
  return list_of<FieldExpiry>(reply, decode_field_expiry, "an array of -2, 0, 1 and 2");
}

Result<std::vector<FieldPersist>> decode_field_persists(ReplyView reply) {
  return list_of<FieldPersist>(reply, decode_field_persist, "an array of -2, -1 and 1");
}

Result<std::vector<TimeToLive>> decode_ttls_seconds(ReplyView reply) {
  return list_of<TimeToLive>(reply, decode_ttl_seconds, "an array of times to live");
}

Result<std::vector<TimeToLive>> decode_ttls_milliseconds(ReplyView reply) {
  return list_of<TimeToLive>(reply, decode_ttl_milliseconds, "an array of times to live");
}

Result<std::vector<ExpireTime>> decode_expiretimes_seconds(ReplyView reply) {
  return list_of<ExpireTime>(reply, decode_expiretime_seconds, "an array of times of expiry");
}

Result<std::vector<ExpireTime>> decode_expiretimes_milliseconds(ReplyView reply) {
  return list_of<ExpireTime>(reply, decode_expiretime_milliseconds, "an array of times of expiry");
}

}  // namespace meridian::detail
