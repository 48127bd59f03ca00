// SCAN-1 on real servers: what the ranges find, and what they say when the database changes under them.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>

#include "integration/protocols_fixture.hpp"
#include "support/coroutine.hpp"

namespace meridian::testing {
namespace {

class Scans : public TwoDatabasesInBothProtocols {
 protected:
  static void fill(Client& client) {
    Pipeline pipeline = client.pipeline();
    for (int i = 0; i < 1000; ++i) {
      const std::string number = std::to_string(i);
      pipeline.set("key:" + number, number);
      pipeline.hset("hash", {{number, "value of " + number}});
      pipeline.sadd("set", number);
      pipeline.zadd("sorted", {{number, i / 2.0}});
    }
    pipeline.execute();
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, Scans, both_protocols, ::testing::PrintToStringParamName());

TEST_P(Scans, SCAN_1_of_every_kind_find_everything) {
  Client client(uri_of(east));
  fill(client);
  std::set<std::string> keys;
  for (const std::string& key : client.scan_all({.match = "key:*", .count = 100})) keys.insert(key);
  EXPECT_EQ(keys.size(), 1000U);
  std::map<std::string, std::string> fields;
  for (const auto& [field, value] : client.hscan_all("hash")) fields[field] = value;
  EXPECT_EQ(fields.size(), 1000U);
  EXPECT_EQ(fields.at("17"), "value of 17");
  std::set<std::string> members;
  for (const std::string& member : client.sscan_all("set")) members.insert(member);
  EXPECT_EQ(members.size(), 1000U);
  std::map<std::string, double> scores;
  for (const auto& [member, score] : client.zscan_all("sorted")) scores[member] = score;
  EXPECT_EQ(scores.size(), 1000U);
  EXPECT_EQ(scores.at("3"), 1.5);
  for (const std::string& key : client.scan_all({.match = "nothing:*"})) ADD_FAILURE() << key;
  for (const std::string& key : client.scan_all({.type = "zset"})) EXPECT_EQ(key, "sorted");
}

TEST_P(Scans, SCAN_1_a_kill_in_between_is_told) {
  {
    Client filler(uri_of(east));
    fill(filler);
  }
  MultiDbClient client(both());
  std::size_t found = 0;
  std::optional<Error> thrown;
  try {
    for (const std::string& key : client.scan_all({.count = 100})) {
      EXPECT_FALSE(key.empty());
      if (++found != 150) continue;
      east.kill();
      EXPECT_TRUE(events.wait_for_switch("west"));
    }
  } catch (const Error& error) {
    thrown = error;
  }
  ASSERT_TRUE(thrown);
  EXPECT_EQ(thrown->code(), ErrorCode::database_changed) << thrown->what();
  EXPECT_LT(found, 1000U);
  EXPECT_TRUE(contains(west.command({"INFO", "commandstats"}), "cmdstat_")) << "it answers";
  EXPECT_FALSE(contains(west.command({"INFO", "commandstats"}), "cmdstat_scan"));
}

TEST_P(Scans, SCAN_1_holds_for_coroutines) {
  {
    Client filler(uri_of(east));
    fill(filler);
  }
  AsyncClient single(uri_of(east));
  std::set<std::string> members;
  start([&]() -> Task {
    auto scan = single.sscan_all("set");
    while (auto page = co_await scan.next()) members.insert(page->begin(), page->end());
    EXPECT_EQ(co_await scan.next(), std::nullopt);  // still over
  }).get();
  EXPECT_EQ(members.size(), 1000U);

  std::optional<ErrorCode> code;
  AsyncMultiDbClient client(both());
  start([&]() -> Task {
    auto scan = client.scan_all({.count = 10});
    try {
      for (int page = 0; co_await scan.next(); ++page) {
        if (page == 3) east.stop();  // the next page is asked for there, and never comes
      }
    } catch (const Error& error) {
      code = error.code();
    }
  }).get();
  EXPECT_EQ(code, ErrorCode::database_changed);
  east.resume();
}

}  // namespace
}  // namespace meridian::testing
