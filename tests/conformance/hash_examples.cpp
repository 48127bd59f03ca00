// Examples of the commands on hashes.
#include "conformance/examples.hpp"

namespace meridian::conformance {

void flatten(FieldExpiry value, Leaves& leaves) {
  constexpr int said[] = {-2, 0, 1, 2};
  leaves.add(said[static_cast<std::size_t>(value)]);
}

void flatten(FieldPersist value, Leaves& leaves) {
  constexpr int said[] = {-2, -1, 1};
  leaves.add(said[static_cast<std::size_t>(value)]);
}

void flatten(const ExpireTime& value, Leaves& leaves);  // in key_examples.cpp

namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using OptionalStrings = std::vector<std::optional<std::string>>;
using Map = std::unordered_map<std::string, std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;
using Expiries = std::vector<FieldExpiry>;
using State = TimeToLive::State;

constexpr std::chrono::sys_time<std::chrono::seconds> in_2100{4102444800s};
const std::vector<std::string_view> two_fields = {"HSET h f v g w"};

void add_field_examples(Examples& examples) {
  examples.add(
      {"HSET h f v g w", {"HSET h f old"}},
      [](auto& c) {
        return c.hset("h", {{"f", "v"}, {"g", "w"}});
      },
      1);
  examples.add(
      {"HSETNX h f v"}, [](auto& c) { return c.hsetnx("h", "f", "v"); }, true);
  examples.add(
      {"HSETNX h f x", two_fields}, [](auto& c) { return c.hsetnx("h", "f", "x"); }, false);
  examples.add(
      {"HGET h f", two_fields}, [](auto& c) { return c.hget("h", "f"); }, "v");
  examples.add(
      {"HGET h none", two_fields}, [](auto& c) { return c.hget("h", "none"); }, std::nullopt);
  examples.add(
      {"HMGET h f none g", two_fields},
      [](auto& c) {
        return c.hmget("h", {"f", "none", "g"});
      },
      OptionalStrings{"v", std::nullopt, "w"});
  examples.add(
      {"HGETALL h", two_fields}, [](auto& c) { return c.hgetall("h"); }, Map{{"f", "v"}, {"g", "w"}});
  examples.add(
      {"HGETALL none"}, [](auto& c) { return c.hgetall("none"); }, Map{});
  examples.add(
      {"HDEL h f none", two_fields},
      [](auto& c) {
        return c.hdel("h", {"f", "none"});
      },
      1);
  examples.add(
      {"HEXISTS h f", two_fields}, [](auto& c) { return c.hexists("h", "f"); }, true);
  examples.add(
      {"HINCRBY h n -2", {"HSET h n 5"}}, [](auto& c) { return c.hincrby("h", "n", -2); }, 3);
  examples.add(
      {"HINCRBYFLOAT h n 0.25", {"HSET h n 10.5"}}, [](auto& c) { return c.hincrbyfloat("h", "n", 0.25); }, 10.75);
  examples.add(
      {"HKEYS h", two_fields}, [](auto& c) { return c.hkeys("h"); }, Strings{"f", "g"});
  examples.add(
      {"HVALS h", two_fields}, [](auto& c) { return c.hvals("h"); }, Strings{"v", "w"});
  examples.add(
      {"HLEN h", two_fields}, [](auto& c) { return c.hlen("h"); }, 2);
  examples.add(
      {"HSTRLEN h f", {"HSET h f value"}}, [](auto& c) { return c.hstrlen("h", "f"); }, 5);
}

void add_random_and_scan_examples(Examples& examples) {
  examples.add(
      {"HRANDFIELD h", {"HSET h f v"}}, [](auto& c) { return c.hrandfield("h"); }, "f");
  examples.add(
      {"HRANDFIELD h"}, [](auto& c) { return c.hrandfield("h"); }, std::nullopt);
  examples.add(
      {"HRANDFIELD h -2", {"HSET h f v"}}, [](auto& c) { return c.hrandfield_many("h", -2); }, Strings{"f", "f"});
  examples.add(
      {.words = "HRANDFIELD h 1", .given = two_fields, .unpredictable = true},
      [](auto& c) { return c.hrandfield_many("h", 1); },
      [](const Strings& fields) { return fields == Strings{"f"} || fields == Strings{"g"}; });
  examples.add(
      {"HRANDFIELD h -2 WITHVALUES", {"HSET h f v"}}, [](auto& c) { return c.hrandfield_with_values("h", -2); },
      Pairs{{"f", "v"}, {"f", "v"}});
  examples.add(
      {"HRANDFIELD none 2 WITHVALUES"}, [](auto& c) { return c.hrandfield_with_values("none", 2); }, Pairs{});

  using Page = ScanPage<std::pair<std::string, std::string>>;
  examples.add(
      {"HSCAN h 0", two_fields}, [](auto& c) { return c.hscan("h", 0); }, Page{0, {{"f", "v"}, {"g", "w"}}});
  examples.add(
      {"HSCAN h 0 MATCH g* COUNT 100", two_fields},
      [](auto& c) { return c.hscan("h", 0, {.match = "g*", .count = 100}); }, Page{0, {{"g", "w"}}});
  examples.add(
      {"HSCAN none 0"}, [](auto& c) { return c.hscan("none", 0); }, Page{});
  examples.add(
      {.words = "HSCAN h 0 NOVALUES", .given = two_fields, .since = "7.4"},
      [](auto& c) { return c.hscan_novalues("h", 0); }, ScanPage<std::string>{0, {"f", "g"}});
  examples.add(
      {.words = "HSCAN h 0 MATCH g* NOVALUES", .given = two_fields, .since = "7.4"},
      [](auto& c) { return c.hscan_novalues("h", 0, {.match = "g*"}); }, ScanPage<std::string>{0, {"g"}});
}

void add_expire_examples(Examples& examples) {
  const Expiries set_and_missing = {FieldExpiry::set, FieldExpiry::no_field};
  examples.add(
      {"HEXPIRE h 60 FIELDS 2 f none", two_fields},
      [](auto& c) {
        return c.hexpire("h", 60s, {"f", "none"});
      },
      set_and_missing);
  examples.add(
      {"HEXPIRE h 0 FIELDS 1 f", two_fields}, [](auto& c) { return c.hexpire("h", 0s, "f"); },
      Expiries{FieldExpiry::deleted});
  examples.add(
      {"HEXPIRE h 60 NX FIELDS 1 f", two_fields}, [](auto& c) { return c.hexpire("h", 60s, "f", {.nx = true}); },
      Expiries{FieldExpiry::set});
  examples.add(
      {"HEXPIRE h 60 XX FIELDS 1 f", two_fields}, [](auto& c) { return c.hexpire("h", 60s, "f", {.xx = true}); },
      Expiries{FieldExpiry::not_met});
  examples.add(
      {"HEXPIRE h 60 GT FIELDS 1 f", two_fields}, [](auto& c) { return c.hexpire("h", 60s, "f", {.gt = true}); },
      Expiries{FieldExpiry::not_met});
  examples.add(
      {"HEXPIRE h 60 LT FIELDS 1 f", two_fields}, [](auto& c) { return c.hexpire("h", 60s, "f", {.lt = true}); },
      Expiries{FieldExpiry::set});
  examples.add(
      {"HPEXPIRE h 60000 FIELDS 2 f none", two_fields},
      [](auto& c) {
        return c.hpexpire("h", 1min, {"f", "none"});
      },
      set_and_missing);
  examples.add(
      {"HPEXPIRE h 60000 NX FIELDS 1 f", two_fields}, [](auto& c) { return c.hpexpire("h", 1min, "f", {.nx = true}); },
      Expiries{FieldExpiry::set});
  examples.add(
      {"HEXPIREAT h 4102444800 FIELDS 2 f none", two_fields},
      [](auto& c) {
        return c.hexpireat("h", in_2100, {"f", "none"});
      },
      set_and_missing);
  examples.add(
      {"HEXPIREAT h 4102444800 LT FIELDS 1 f", two_fields},
      [](auto& c) { return c.hexpireat("h", in_2100, "f", {.lt = true}); }, Expiries{FieldExpiry::set});
  examples.add(
      {"HPEXPIREAT h 4102444800005 FIELDS 2 f none", two_fields},
      [](auto& c) {
        return c.hpexpireat("h", in_2100 + 5ms, {"f", "none"});
      },
      set_and_missing);
  examples.add(
      {"HPEXPIREAT h 4102444800005 GT FIELDS 1 f", two_fields},
      [](auto& c) { return c.hpexpireat("h", in_2100 + 5ms, "f", {.gt = true}); }, Expiries{FieldExpiry::not_met});
  examples.add(
      {"HPERSIST h FIELDS 3 f g none", {"HSET h f v g w", "HEXPIRE h 60 FIELDS 1 f"}},
      [](auto& c) {
        return c.hpersist("h", {"f", "g", "none"});
      },
      std::vector<FieldPersist>{FieldPersist::persisted, FieldPersist::no_expiry, FieldPersist::no_field});
}

void add_time_examples(Examples& examples) {
  const std::vector<std::string_view> given = {"HSET h f v g w", "HPEXPIREAT h 4102444800005 FIELDS 1 f"};
  const auto one_expires = [](const std::vector<TimeToLive>& ttls) {
    return ttls.size() == 3 && ttls[0].state == State::expires && ttls[0].left > 24h &&
           ttls[1].state == State::no_expiry && ttls[2].state == State::no_key;
  };
  examples.add(
      {.words = "HTTL h FIELDS 3 f g none", .given = given, .unpredictable = true},
      [](auto& c) {
        return c.httl("h", {"f", "g", "none"});
      },
      one_expires);
  examples.add(
      {.words = "HPTTL h FIELDS 3 f g none", .given = given, .unpredictable = true},
      [](auto& c) {
        return c.hpttl("h", {"f", "g", "none"});
      },
      one_expires);
  const ExpireTime exact{State::expires, in_2100 + 5ms};
  // Rounded up by the server.
  const ExpireTime rounded{State::expires, in_2100 + 1s};
  examples.add(
      {.words = "HEXPIRETIME h FIELDS 3 f g none", .given = given, .raw = "[4102444801 -1 -2]"},
      [](auto& c) {
        return c.hexpiretime("h", {"f", "g", "none"});
      },
      std::vector<ExpireTime>{rounded, {State::no_expiry}, {State::no_key}});
  examples.add(
      {"HPEXPIRETIME h FIELDS 3 f g none", given},
      [](auto& c) {
        return c.hpexpiretime("h", {"f", "g", "none"});
      },
      std::vector<ExpireTime>{exact, {State::no_expiry}, {State::no_key}});
}

void add_redis_8_examples(Examples& examples) {
  const OptionalStrings one_missing = {"v", std::nullopt};
  examples.add(
      {"HGETDEL h FIELDS 2 f none", two_fields},
      [](auto& c) {
        return c.hgetdel("h", {"f", "none"});
      },
      one_missing);
  examples.add(
      {"HGETEX h EX 60 FIELDS 2 f none", two_fields},
      [](auto& c) {
        return c.hgetex("h", {"f", "none"}, {.ex = 60s});
      },
      one_missing);
  examples.add(
      {"HGETEX h PX 250 FIELDS 1 f", two_fields}, [](auto& c) { return c.hgetex("h", "f", {.px = 250ms}); },
      OptionalStrings{"v"});
  examples.add(
      {"HGETEX h EXAT 4102444800 FIELDS 1 f", two_fields},
      [](auto& c) { return c.hgetex("h", "f", {.exat = in_2100}); }, OptionalStrings{"v"});
  examples.add(
      {"HGETEX h PXAT 4102444800005 FIELDS 1 f", two_fields},
      [](auto& c) { return c.hgetex("h", "f", {.pxat = in_2100 + 5ms}); }, OptionalStrings{"v"});
  examples.add(
      {"HGETEX h PERSIST FIELDS 1 f", two_fields}, [](auto& c) { return c.hgetex("h", "f", {.persist = true}); },
      OptionalStrings{"v"});
  examples.add(
      {"HGETEX h FIELDS 1 f", two_fields}, [](auto& c) { return c.hgetex("h", "f", {}); }, OptionalStrings{"v"});

  examples.add(
      {"HSETEX h FIELDS 1 f v"},
      [](auto& c) {
        return c.hsetex("h", {{"f", "v"}});
      },
      true);
  examples.add(
      {"HSETEX h EX 60 FIELDS 2 f v g w"},
      [](auto& c) {
        return c.hsetex("h", {{"f", "v"}, {"g", "w"}}, {.ex = 60s});
      },
      true);
  examples.add(
      {"HSETEX h PX 250 FIELDS 1 f v"},
      [](auto& c) {
        return c.hsetex("h", {{"f", "v"}}, {.px = 250ms});
      },
      true);
  examples.add(
      {"HSETEX h EXAT 4102444800 FIELDS 1 f v"},
      [](auto& c) {
        return c.hsetex("h", {{"f", "v"}}, {.exat = in_2100});
      },
      true);
  examples.add(
      {"HSETEX h PXAT 4102444800005 FIELDS 1 f v"},
      [](auto& c) {
        return c.hsetex("h", {{"f", "v"}}, {.pxat = in_2100 + 5ms});
      },
      true);
  examples.add(
      {"HSETEX h FNX KEEPTTL FIELDS 1 f v", two_fields},
      [](auto& c) {
        return c.hsetex("h", {{"f", "v"}}, {.fnx = true, .keepttl = true});
      },
      false);
  examples.add(
      {"HSETEX h FXX EX 60 FIELDS 1 f v", two_fields},
      [](auto& c) {
        return c.hsetex("h", {{"f", "v"}}, {.ex = 60s, .fxx = true});
      },
      true);
}

}  // namespace

void add_hash_examples(Examples& examples) {
  add_field_examples(examples);
  add_random_and_scan_examples(examples);
  add_expire_examples(examples);
  add_time_examples(examples);
  add_redis_8_examples(examples);
}

}  // namespace meridian::conformance
