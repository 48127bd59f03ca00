// Examples of the commands on keys of any type.
#include "conformance/examples.hpp"

namespace meridian::conformance {

void flatten(std::chrono::seconds value, Leaves& leaves) { leaves.add(value.count()); }

// Seconds or milliseconds: only the command knows. Such examples say in `raw` what the server says.
void flatten(const ExpireTime& value, Leaves& leaves) {
  switch (value.state) {
    case ExpireTime::State::no_key: return leaves.add(-2);
    case ExpireTime::State::no_expiry: return leaves.add(-1);
    case ExpireTime::State::expires: return leaves.add(value.at.time_since_epoch().count());
  }
}

namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using Strings = std::vector<std::string>;
using OptionalStrings = std::vector<std::optional<std::string>>;
using State = TimeToLive::State;

constexpr std::chrono::sys_time<std::chrono::seconds> in_2100{4102444800s};
const std::vector<std::string_view> one_key = {"SET k v"};
const std::vector<std::string_view> two_keys = {"MSET k v l w"};
const std::vector<std::string_view> expiring = {"SET k v PXAT 4102444800005"};

void add_existence_examples(Examples& examples) {
  examples.add(
      {"DEL k", one_key}, [](auto& c) { return c.del("k"); }, 1);
  examples.add(
      {"DEL k none l", two_keys},
      [](auto& c) {
        return c.del({"k", "none", "l"});
      },
      2);
  examples.add(
      {"UNLINK k none", two_keys},
      [](auto& c) {
        return c.unlink({"k", "none"});
      },
      1);
  examples.add(
      {"EXISTS k k none", one_key},
      [](auto& c) {
        return c.exists({"k", "k", "none"});
      },
      2);
  examples.add(
      {"TOUCH k none", one_key},
      [](auto& c) {
        return c.touch({"k", "none"});
      },
      1);
  examples.add(
      {"TYPE k", {"RPUSH k v"}}, [](auto& c) { return c.type("k"); }, "list");
  examples.add(
      {"TYPE k"}, [](auto& c) { return c.type("k"); }, "none");
  examples.add(
      {"RANDOMKEY", one_key}, [](auto& c) { return c.randomkey(); }, "k");
  examples.add(
      {"RANDOMKEY"}, [](auto& c) { return c.randomkey(); }, std::nullopt);
  examples.add(
      {"KEYS user:*", {"MSET user:1 v other w"}}, [](auto& c) { return c.keys("user:*"); }, Strings{"user:1"});
  examples.add(
      {"KEYS *"}, [](auto& c) { return c.keys("*"); }, Strings{});
  examples.add(
      {"SCAN 0", one_key}, [](auto& c) { return c.scan(0); }, ScanPage<std::string>{0, {"k"}});
  examples.add(
      {"SCAN 0 MATCH k* COUNT 100 TYPE string", {"MSET k v l w", "RPUSH kk v"}},
      [](auto& c) { return c.scan(0, {.match = "k*", .count = 100, .type = "string"}); },
      ScanPage<std::string>{0, {"k"}});
}

void add_expire_examples(Examples& examples) {
  examples.add(
      {"EXPIRE k 120", one_key}, [](auto& c) { return c.expire("k", 2min); }, true);
  examples.add(
      {"EXPIRE k 120"}, [](auto& c) { return c.expire("k", 2min); }, false);
  examples.add(
      {"EXPIRE k 60 NX", expiring}, [](auto& c) { return c.expire("k", 60s, {.nx = true}); }, false);
  examples.add(
      {"EXPIRE k 60 XX", expiring}, [](auto& c) { return c.expire("k", 60s, {.xx = true}); }, true);
  examples.add(
      {"EXPIRE k 60 GT", expiring}, [](auto& c) { return c.expire("k", 60s, {.gt = true}); }, false);
  examples.add(
      {"EXPIRE k 60 LT", expiring}, [](auto& c) { return c.expire("k", 60s, {.lt = true}); }, true);
  examples.add(
      {"EXPIRE k 60 XX LT", expiring}, [](auto& c) { return c.expire("k", 60s, {.xx = true, .lt = true}); }, true);
  examples.add(
      {"PEXPIRE k 2000", one_key}, [](auto& c) { return c.pexpire("k", 2s); }, true);
  examples.add(
      {"PEXPIRE k 2000 NX", expiring}, [](auto& c) { return c.pexpire("k", 2s, {.nx = true}); }, false);
  examples.add(
      {"EXPIREAT k 4102444800", one_key}, [](auto& c) { return c.expireat("k", in_2100); }, true);
  examples.add(
      {"EXPIREAT k 4102444800 GT", expiring}, [](auto& c) { return c.expireat("k", in_2100, {.gt = true}); }, false);
  examples.add(
      {"PEXPIREAT k 4102444800005", one_key}, [](auto& c) { return c.pexpireat("k", in_2100 + 5ms); }, true);
  examples.add(
      {"PEXPIREAT k 4102444800004 LT", expiring}, [](auto& c) { return c.pexpireat("k", in_2100 + 4ms, {.lt = true}); },
      true);
  examples.add(
      {"PERSIST k", expiring}, [](auto& c) { return c.persist("k"); }, true);
  examples.add(
      {"PERSIST k", one_key}, [](auto& c) { return c.persist("k"); }, false);
}

void add_time_examples(Examples& examples) {
  const auto expires = [](const TimeToLive& ttl) { return ttl.state == State::expires && ttl.left > 24h; };
  examples.add(
      {.words = "TTL k", .given = expiring, .unpredictable = true}, [](auto& c) { return c.ttl("k"); }, expires);
  examples.add(
      {"TTL k", one_key}, [](auto& c) { return c.ttl("k"); }, TimeToLive{State::no_expiry});
  examples.add(
      {"TTL k"}, [](auto& c) { return c.ttl("k"); }, TimeToLive{State::no_key});
  examples.add(
      {.words = "PTTL k", .given = expiring, .unpredictable = true}, [](auto& c) { return c.pttl("k"); }, expires);
  examples.add(
      {"PTTL k"}, [](auto& c) { return c.pttl("k"); }, TimeToLive{State::no_key});
  examples.add(
      {.words = "EXPIRETIME k", .given = {"SET k v EXAT 4102444800"}, .raw = "4102444800"},
      [](auto& c) { return c.expiretime("k"); }, ExpireTime{State::expires, in_2100});
  examples.add(
      {"EXPIRETIME k", one_key}, [](auto& c) { return c.expiretime("k"); }, ExpireTime{State::no_expiry});
  examples.add(
      {"EXPIRETIME k"}, [](auto& c) { return c.expiretime("k"); }, ExpireTime{State::no_key});
  examples.add(
      {"PEXPIRETIME k", expiring}, [](auto& c) { return c.pexpiretime("k"); },
      ExpireTime{State::expires, in_2100 + 5ms});
  examples.add(
      {"PEXPIRETIME k"}, [](auto& c) { return c.pexpiretime("k"); }, ExpireTime{State::no_key});
}

void add_rename_and_copy_examples(Examples& examples) {
  examples.add(
      {"RENAME k l", one_key}, [](auto& c) { return c.rename("k", "l"); }, ok);
  examples.add(
      {.words = "RENAME k l", .error = "ERR no such key"}, [](auto& c) { return c.rename("k", "l"); }, ok);
  examples.add(
      {"RENAMENX k l", one_key}, [](auto& c) { return c.renamenx("k", "l"); }, true);
  examples.add(
      {"RENAMENX k l", two_keys}, [](auto& c) { return c.renamenx("k", "l"); }, false);
  examples.add(
      {"COPY k l", two_keys}, [](auto& c) { return c.copy("k", "l"); }, false);
  examples.add(
      {"COPY k l DB 1 REPLACE", two_keys}, [](auto& c) { return c.copy("k", "l", {.db = 1, .replace = true}); }, true);
  examples.add(
      {"COPY k l REPLACE", two_keys}, [](auto& c) { return c.copy("k", "l", {.replace = true}); }, true);
  examples.add(
      {"MOVE k 1", one_key}, [](auto& c) { return c.move("k", 1); }, true);
  examples.add(
      {"MOVE k 1"}, [](auto& c) { return c.move("k", 1); }, false);
}

// What DUMP of Redis 7.0 says of the string "v"; later servers take it, too.
#define MERIDIAN_DUMPED "\0\1v\n\0\221\010\316\262\0318\212\316"

void add_dump_examples(Examples& examples) {
  constexpr std::string_view dumped = MERIDIAN_DUMPED ""sv;
  examples.add(
      {.words = "DUMP k", .given = one_key, .unpredictable = true}, [](auto& c) { return c.dump("k"); },
      [](const std::optional<std::string>& value) { return value && value->starts_with("\0\1v"sv); });
  examples.add(
      {"DUMP k"}, [](auto& c) { return c.dump("k"); }, std::nullopt);
  examples.add(
      {"RESTORE k 0 " MERIDIAN_DUMPED ""sv}, [=](auto& c) { return c.restore("k", dumped); }, ok);
  examples.add(
      {.words = "RESTORE k 0 " MERIDIAN_DUMPED ""sv, .given = one_key, .error = "BUSYKEY"},
      [=](auto& c) { return c.restore("k", dumped); }, ok);
  examples.add(
      {"RESTORE k 60000 " MERIDIAN_DUMPED " REPLACE"sv, one_key},
      [=](auto& c) { return c.restore("k", dumped, {.ttl = 1min, .replace = true}); }, ok);
  examples.add(
      {"RESTORE k 4102444800005 " MERIDIAN_DUMPED " ABSTTL"sv},
      [=](auto& c) { return c.restore("k", dumped, {.absttl = in_2100 + 5ms}); }, ok);
  examples.add(
      {"RESTORE k 0 " MERIDIAN_DUMPED " IDLETIME 60"sv},
      [=](auto& c) { return c.restore("k", dumped, {.idletime = 1min}); }, ok);
  examples.add(
      {"RESTORE k 0 " MERIDIAN_DUMPED " FREQ 7"sv}, [=](auto& c) { return c.restore("k", dumped, {.freq = 7}); }, ok);
}

#undef MERIDIAN_DUMPED

void add_object_examples(Examples& examples) {
  examples.add(
      {"OBJECT ENCODING k", {"SET k 12"}}, [](auto& c) { return c.object_encoding("k"); }, "int");
  examples.add(
      {"OBJECT ENCODING k"}, [](auto& c) { return c.object_encoding("k"); }, std::nullopt);
  examples.add(
      {"OBJECT REFCOUNT k", one_key}, [](auto& c) { return c.object_refcount("k"); }, 1);
  examples.add(
      {"OBJECT REFCOUNT k"}, [](auto& c) { return c.object_refcount("k"); }, std::nullopt);
  // Each of the two needs a policy of its own.
  examples.add(
      {"OBJECT FREQ k", {"CONFIG SET maxmemory-policy allkeys-lfu", "SET k v"}},
      [](auto& c) { return c.object_freq("k"); }, 5);
  examples.add(
      {"OBJECT FREQ k", {"CONFIG SET maxmemory-policy allkeys-lfu"}}, [](auto& c) { return c.object_freq("k"); },
      std::nullopt);
  examples.add(
      {.words = "OBJECT IDLETIME k",
       .given = {"CONFIG SET maxmemory-policy noeviction", "SET k v"},
       .unpredictable = true},
      [](auto& c) { return c.object_idletime("k"); },
      [](const std::optional<std::chrono::seconds>& idle) { return idle && *idle >= 0s && *idle < 1h; });
  examples.add(
      {"OBJECT IDLETIME k", {"CONFIG SET maxmemory-policy noeviction"}}, [](auto& c) { return c.object_idletime("k"); },
      std::nullopt);
}

void add_sort_examples(Examples& examples) {
  const std::vector<std::string_view> given = {"RPUSH l 3 10 2", "MSET w_3 1 w_10 2 w_2 3", "MSET n_3 three n_2 two"};
  examples.add(
      {"SORT l", given}, [](auto& c) { return c.sort("l"); }, OptionalStrings{"2", "3", "10"});
  examples.add(
      {"SORT none"}, [](auto& c) { return c.sort("none"); }, OptionalStrings{});
  examples.add(
      {"SORT l ALPHA", given}, [](auto& c) { return c.sort("l", {.alpha = true}); }, OptionalStrings{"10", "2", "3"});
  examples.add(
      {"SORT l LIMIT 1 2 DESC", given},
      [](auto& c) { return c.sort("l", {.limit = SortLimit{.offset = 1, .count = 2}, .desc = true}); },
      OptionalStrings{"3", "2"});
  examples.add(
      {"SORT l BY w_* GET # GET n_*", given},
      [](auto& c) {
        return c.sort("l", {.by = "w_*", .get = {"#", "n_*"}});
      },
      OptionalStrings{"3", "three", "10", std::nullopt, "2", "two"});
  examples.add(
      {"SORT_RO l BY w_* LIMIT 0 1", given},
      [](auto& c) { return c.sort_ro("l", {.by = "w_*", .limit = SortLimit{.count = 1}}); }, OptionalStrings{"3"});
  examples.add(
      {"SORT l DESC STORE d", given}, [](auto& c) { return c.sort_store("l", "d", {.desc = true}); }, 3);
  // Over its own source: the next run would sort the result.
  examples.add(
      {"SORT l LIMIT 0 2 STORE l", given},
      [](auto& c) { return c.sort_store("l", "l", {.limit = SortLimit{.count = 2}}); }, 2);
}

}  // namespace

void add_key_examples(Examples& examples) {
  add_existence_examples(examples);
  add_expire_examples(examples);
  add_time_examples(examples);
  add_rename_and_copy_examples(examples);
  add_dump_examples(examples);
  add_object_examples(examples);
  add_sort_examples(examples);
}

}  // namespace meridian::conformance
