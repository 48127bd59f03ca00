// A thread that is alone with its client writes and reads by itself, and the books know nothing of it until somebody
// else looks (client/alone.hpp). Whatever happens to its calls has to be what would have happened to anybody's.
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "simulation/rules_fixture.hpp"

namespace meridian::simulation {
namespace {

// A client of two databases, and the calls of one thread.
class OneThread {
 public:
  explicit OneThread(std::uint64_t seed = 42) : world(seed) {
    for (const std::string_view name : {"east", "west"}) {
      FakeServer& server = world.add_server(name);
      LinkSettings link;
      link.latency = 1ms;
      server.link().configure(link);
      config.databases.push_back({.uri = server.uri(),
                                  .name = std::string(name),
                                  .weight = 1.0 / static_cast<double>(config.databases.size() + 1)});
    }
    engine = std::make_shared<client::MultiEngine>(world.io(), config, *core::resolve(config));
    std::optional<std::optional<Error>> decided;
    engine->open([&](std::optional<Error> error) { decided = std::move(error); });
    if (!world.run_until([&] { return decided.has_value(); }, 1min)) ADD_FAILURE() << "the start was never decided";
    client.emplace(engine);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread() {
    engine->close();
    client.reset();
    world.run_for(1s);
    engine.reset();
    EXPECT_EQ(world.network().open_streams(), 0U);
    EXPECT_EQ(world.scheduler().live_timers(), 0U);
  }

  FakeServer& east() { return world.server(0); }
  [[nodiscard]] std::size_t executions(std::string_view command, std::string_view key) const {
    std::size_t count = 0;
    for (const Operation& one : world.operations()) count += one.command == command && one.key == key;
    return count;
  }

  SimulatedWorld world;
  MultiDbConfig config;
  std::shared_ptr<client::MultiEngine> engine;
  std::optional<MultiDbClient> client;
};

TEST(Alone, its_calls_are_answered_and_sent_once) {
  OneThread one;
  for (int i = 1; i <= 100; ++i) {
    EXPECT_EQ(one.client->incr("n"), i);
    EXPECT_EQ(one.client->get("n"), std::to_string(i));
    EXPECT_TRUE(one.client->set("m", "1"));
    EXPECT_EQ(one.client->get("none"), std::nullopt);
  }
  EXPECT_EQ(one.executions("INCR", "n"), 100U);
  EXPECT_GE(one.world.network().endless_reads(), 300U) << "it was not alone";
}

TEST(Alone, its_pipelines_are_answered_and_sent_once) {
  OneThread one;
  static_cast<void>(one.client->get("n"));
  Pipeline pipeline = one.client->pipeline();
  for (int round = 0; round < 20; ++round) {
    pipeline.clear();
    std::vector<PipelineResult<std::int64_t>> counts;
    for (int i = 0; i < 50; ++i) counts.push_back(pipeline.incr("n"));
    pipeline.execute();
    for (int i = 0; i < 50; ++i) EXPECT_EQ(counts[static_cast<std::size_t>(i)].value(), round * 50 + i + 1);
  }
  EXPECT_GE(one.world.network().endless_reads(), 15U) << "it was not alone";
}

TEST(Alone, a_pipeline_that_is_answered_bit_by_bit_is_answered_whole) {
  OneThread one;
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{64}}) {
    LinkSettings link;
    link.chunk = chunk;
    one.east().link().configure(link);
    static_cast<void>(one.client->get("x"));
    static_cast<void>(one.client->del("n"));
    Pipeline pipeline = one.client->pipeline();
    std::vector<PipelineResult<std::int64_t>> counts;
    for (int i = 0; i < 20; ++i) counts.push_back(pipeline.incr("n"));
    pipeline.execute();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(counts[static_cast<std::size_t>(i)].value(), i + 1) << chunk;
  }
}

TEST(Alone, an_error_reply_is_that_of_its_command) {
  OneThread one;
  static_cast<void>(one.client->set("text", "abc"));
  const auto refused = one.client->execute(cmd::incr("text"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().delivery(), Delivery::answered);
  Pipeline pipeline = one.client->pipeline();
  auto before = pipeline.incr("n");
  auto wrong = pipeline.incr("text");
  auto after = pipeline.incr("n");
  pipeline.execute();
  EXPECT_EQ(before.value(), 1);
  EXPECT_FALSE(wrong.result());
  EXPECT_EQ(after.value(), 2);
}

TEST(Alone, others_that_come_while_it_reads_find_its_call_in_the_books) {
  OneThread one;
  static_cast<void>(one.client->get("n"));
  for (int i = 0; i < 20; ++i) {
    std::optional<Result<std::int64_t>> other;
    one.world.after(300us * (i % 8), [&] {
      detail::submit(*one.engine, cmd::incr("n"), {}, [&](auto& outcome) { other = outcome.take(); });
    });
    EXPECT_TRUE(one.client->execute(cmd::incr("m")));
    EXPECT_TRUE(one.world.run_until([&] { return other.has_value(); }, 1s));
    EXPECT_TRUE(other && *other);
  }
  EXPECT_EQ(one.executions("INCR", "n"), 20U);
  EXPECT_EQ(one.executions("INCR", "m"), 20U);
}

TEST(Alone, CMD_2_a_call_that_is_never_answered_ends_when_its_time_is_up) {
  OneThread one;
  one.world.server(1).kill();  // nowhere to go
  one.world.run_for(1s);
  static_cast<void>(one.client->get("n"));
  one.world.after(500us, [&] { one.east().hang(); });
  const TimePoint began = one.world.now();
  const auto counted = one.client->execute(cmd::incr("n"));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().delivery(), Delivery::in_doubt);
  EXPECT_LE(one.world.now() - began, one.config.command_deadline);
}

// --- The same as everybody's -----------------------------------------------------------------------------------------

struct Ended {
  std::vector<std::string> calls;  // what became of each
  Duration took{};
  std::string executed;  // what the servers ran, and how often
  std::string active;

  friend bool operator==(const Ended&, const Ended&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Ended& ended) {
    for (const std::string& call : ended.calls) out << call << "; ";
    return out << std::chrono::duration_cast<std::chrono::microseconds>(ended.took).count() << " us; " << ended.executed
               << ended.active;
  }
};

template <class T>
std::string text_of(const Result<T>& result) {
  if (result) return "answered";
  return std::string(to_string(result.error().code())) + " " + std::string(to_string(result.error().delivery()));
}

using Fault = std::function<void(OneThread&)>;
enum class Way { alone, in_the_books };

// A deadline of its own makes a call one that is entered in the books from the beginning.
Ended end_of(const Fault& fault, Duration after, Way way, std::size_t commands) {
  OneThread one;
  CallOptions options;
  if (way == Way::in_the_books) options.deadline = one.config.command_deadline;
  for (int i = 0; i < 3; ++i) static_cast<void>(one.client->execute(cmd::get("n"), options));
  const std::size_t before = one.world.network().endless_reads();
  one.world.after(after, [&] { fault(one); });
  const TimePoint began = one.world.now();
  Ended ended;
  if (commands == 1) {
    ended.calls.push_back(text_of(one.client->execute(cmd::incr("n"), options)));
  } else {
    Pipeline pipeline = one.client->pipeline();
    std::vector<PipelineResult<std::int64_t>> counts;
    for (std::size_t i = 0; i < commands; ++i) counts.push_back(pipeline.incr("n"));
    pipeline.execute(options);
    for (auto& count : counts) ended.calls.push_back(text_of(count.result()));
  }
  ended.took = one.world.now() - began;
  EXPECT_EQ(one.world.network().endless_reads() > before, way == Way::alone);
  one.world.run_for(15s);
  ended.executed = std::to_string(one.executions("INCR", "n")) + " executed; ";
  for (const DatabaseStatus& database : one.client->databases()) {
    if (database.active) ended.active = database.name;
  }
  // And it goes on.
  const auto later = one.client->execute(cmd::get("n"));
  EXPECT_TRUE(later) << later.error().what();
  return ended;
}

struct Named {
  const char* name;
  Fault fault;
};

TEST(Alone, ends_as_everybody_elses_calls_do) {
  const Named faults[] = {
      {"nothing", [](OneThread&) {}},
      {"hang", [](OneThread& one) { one.east().hang(); }},
      {"kill", [](OneThread& one) { one.east().kill(); }},
      {"reset", [](OneThread& one) { one.east().link().reset_all(); }},
      {"orderly end", [](OneThread& one) { one.east().close_clients(); }},
      {"black hole", [](OneThread& one) { one.east().link().lose(Loss::both); }},
      {"lost replies", [](OneThread& one) { one.east().link().lose(Loss::replies); }},
      {"paused writes", [](OneThread& one) { one.east().pause(Pause::writes); }},
      {"loading", [](OneThread& one) { one.east().set_mode(Mode::loading); }},
      {"readonly", [](OneThread& one) { one.east().set_mode(Mode::readonly); }},
      {"garbage", [](OneThread& one) { one.east().misbehave(Misbehaviour::garbage); }},
      {"extra", [](OneThread& one) { one.east().misbehave(Misbehaviour::extra); }},
      {"missing", [](OneThread& one) { one.east().misbehave(Misbehaviour::missing); }},
      {"half a reply, then silence", [](OneThread& one) { one.east().misbehave(Misbehaviour::cut_then_silence); }},
      {"half a reply, then the end", [](OneThread& one) { one.east().misbehave(Misbehaviour::cut_then_close); }},
      {"slow", [](OneThread& one) { one.east().set_processing_time(100ms); }},
      {"our own stall", [](OneThread& one) { one.world.stall_client(400ms); }},
      {"a long stall of our own", [](OneThread& one) { one.world.stall_client(10s); }},
  };
  for (const auto& [name, fault] : faults) {
    for (const Duration after : {Duration(0us), Duration(500us), Duration(1500us), Duration(2500us)}) {
      for (const std::size_t commands : {std::size_t{1}, std::size_t{2}, std::size_t{5}}) {
        SCOPED_TRACE(name);
        const Ended alone = end_of(fault, after, Way::alone, commands);
        const Ended known = end_of(fault, after, Way::in_the_books, commands);
        EXPECT_EQ(alone, known) << name << " after " << after.count() / 1000 << " us, " << commands << " commands";
      }
    }
  }
}

TEST(Alone, close_ends_its_call) {
  for (const Duration after : {Duration(0us), Duration(500us), Duration(1500us)}) {
    OneThread one;
    static_cast<void>(one.client->get("n"));
    one.east().hang();
    one.world.after(after, [&] { one.engine->close(); });
    const TimePoint began = one.world.now();
    const auto counted = one.client->execute(cmd::incr("n"));
    ASSERT_FALSE(counted);
    EXPECT_EQ(counted.error().code(), ErrorCode::closed);
    EXPECT_LE(one.world.now() - began, 10ms);
  }
}

}  // namespace
}  // namespace meridian::simulation
