// MAN-4: how a client stands, as text for people and as JSON for programs.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <meridian/events.hpp>

namespace meridian {
namespace {

using namespace std::chrono_literals;

ClientStatus after_a_failover() {
  DatabaseStatus east{.name = "east", .weight = 1, .circuit = CircuitState::open, .health = Health::unhealthy};
  east.grace_left = 41s + 200ms;
  east.last_evidence = "2 probes unanswered for 400ms";
  east.why_not = "its breaker is open";
  east.flaps = 1;
  east.counters = {.reads = 120391, .writes = 8812, .failed_reads = 12, .failed_writes = 3, .connections_lost = 1};
  DatabaseStatus west{.name = "zürich", .weight = 0.5, .active = true, .health = Health::healthy, .eligible = true};
  west.counters = {.reads = 7};
  return {.active = "zürich", .epoch = 1, .databases = {east, west}};
}

TEST(Describe, MAN_4_text_says_who_is_active_and_why_others_are_not) {
  EXPECT_EQ(
      to_text(after_a_failover()),
      "zürich is active, epoch 1\n"
      "database  state   weight  circuit  health     reads/writes  failed  lost  remarks\n"
      "east      out     1       open     unhealthy  120391/8812   12/3    1     not eligible: its breaker is open; "
      "grace left: 42s; flaps: 1; last: 2 probes unanswered for 400ms\n"
      "zürich    ACTIVE  0.5     closed   healthy    7/0           0/0     0\n");
}

TEST(Describe, MAN_4_text_says_what_an_operator_has_set) {
  ClientStatus status = {.active = "east", .epoch = 4, .mode = DecisionMode::frozen, .pinned = true, .held_for = 30s};
  status.next = "west";
  status.scope = SwitchScope::reads;
  const std::string text = to_text(status);
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "east is active, epoch 4; reads went to west already; pinned; no failback for 30s; decides nothing "
            "(frozen)");
  status.scope = SwitchScope::callers;
  status.percent = 25;
  EXPECT_NE(to_text(status).find("25 % of the callers went to west already"), std::string::npos);
  EXPECT_EQ(to_text({}).substr(0, 21), "NO DATABASE IS USABLE");
}

TEST(Describe, MAN_4_json_says_all_of_it) {
  const auto json = nlohmann::json::parse(to_json(after_a_failover()));
  EXPECT_EQ(json["active"], "zürich");
  EXPECT_EQ(json["epoch"], 1);
  EXPECT_EQ(json["mode"], "deciding");
  ASSERT_EQ(json["databases"].size(), 2u);
  const auto& east = json["databases"][0];
  EXPECT_EQ(east["circuit"], "open");
  EXPECT_EQ(east["health"], "unhealthy");
  EXPECT_EQ(east["grace_left_ms"], 41200);
  EXPECT_EQ(east["why_not"], "its breaker is open");
  EXPECT_EQ(east["eligible"], false);
  EXPECT_EQ(east["counters"]["failed_reads"], 12);
  EXPECT_EQ(json["databases"][1]["weight"], 0.5);
}

TEST(Describe, MAN_4_json_is_valid_whatever_a_server_said) {
  ClientStatus status{.databases = {DatabaseStatus{.last_evidence = "\xff \" \n"}}};
  EXPECT_TRUE(nlohmann::json::accept(to_json(status)));
}

}  // namespace
}  // namespace meridian
