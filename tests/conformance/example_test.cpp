// Holds each example against a real server: its words, its keys and traits, and what it answers in RESP2 and RESP3 to a
// thread that waits and to a coroutine.
#include "conformance/example_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <meridian/commands/traits.hpp>

#include "conformance/all_examples.hpp"
#include "conformance/clients.hpp"
#include "conformance/test_servers.hpp"

namespace meridian::conformance {
namespace {

std::string encoded(const Words& words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return bytes;
}

Words sorted_keys(const Request& request) {
  Words keys;
  for (const std::string_view key : meridian::keys_of(request.view())) keys.emplace_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

// Write commands to the server, which also have a form that only looks.
bool may_look_only(std::string_view name) {
  return name == "GETEX" || name == "HGETEX" || name == "SORT" || name == "BITFIELD" || name.starts_with("GEORADIUS");
}

class ExampleTest : public ::testing::Test {
 public:
  explicit ExampleTest(std::vector<const Example*> examples) : examples_(std::move(examples)) {}

  void TestBody() override {
    for (const Example* const example : examples_) {
      SCOPED_TRACE(std::string(example->about().words) + " (line " + std::to_string(example->line()) + ")");
      const Words words = words_of(example->about().words);
      check_words(*example, words);
      const auto known = test_servers().commands().find(example->request().name());
      if (known == test_servers().commands().end()) continue;
      check_facts(*example, words, known->second);
      const std::string_view since = example->about().since;
      if (!since.empty() && !test_servers().is_at_least(since)) continue;
      check_keys(*example, words);
      for (const Protocol protocol : {Protocol::resp2, Protocol::resp3}) check_replies(*example, words, protocol);
    }
  }

 private:
  static void check_words(const Example& example, const Words& words) {
    const Request& request = example.request();
    EXPECT_EQ(std::string_view(request.bytes), encoded(words));
    // The table of custom commands knows the same of them.
    const std::vector<std::string_view> views(words.begin(), words.end());
    Request custom = request;
    static_cast<RequestFacts&>(custom) = describe_command(views);
    EXPECT_EQ(custom.traits.repeat, request.traits.repeat)
        << "the table: " << to_string(custom.traits.repeat) << ", the builder: " << to_string(request.traits.repeat);
    EXPECT_EQ(custom.traits.may_run_partly, request.traits.may_run_partly);
    EXPECT_EQ(custom.traits.needs_own_connection, request.traits.needs_own_connection);
    EXPECT_EQ(sorted_keys(custom), sorted_keys(request)) << "the table and the builder";
    EXPECT_EQ(custom.blocks_for, request.blocks_for) << "the table and the builder";
  }

  static void check_facts(const Example& example, const Words& words, const ServerCommand& known) {
    const CommandTraits& traits = example.request().traits;
    const std::string name = example.request().name();
    if (known.flags.contains("readonly")) {
      EXPECT_TRUE(traits.is_read()) << "the server calls it readonly";
    }
    if (known.flags.contains("write") && !may_look_only(name)) {
      EXPECT_FALSE(traits.is_read()) << "the server calls it write";
    }
    const bool is_stream = name == "XREAD" || name == "XREADGROUP";
    const bool may_block = known.flags.contains("blocking");
    const bool blocks = may_block && (!is_stream || std::find(words.begin(), words.end(), "BLOCK") != words.end());
    EXPECT_EQ(traits.needs_own_connection, blocks || name.starts_with("WAIT"));
    if (blocks) {
      EXPECT_GT(example.request().blocks_for, Duration::zero());
    }
  }

  static void check_keys(const Example& example, const Words& words) {
    // A shard channel is what the server routes by, but it does not call it a key.
    if (example.request().name() == "SPUBLISH") return;
    const std::optional<Words> expected = test_servers().keys_of(words);
    ASSERT_TRUE(expected.has_value()) << "the server does not take these words";
    EXPECT_EQ(sorted_keys(example.request()), *expected) << "the builder and COMMAND GETKEYS";
  }

  static void check_replies(const Example& example, const Words& words, Protocol protocol) {
    const int version = protocol == Protocol::resp3 ? 3 : 2;
    SCOPED_TRACE("RESP" + std::to_string(version));
    const About& about = example.about();
    TestServer& server = about.on_cluster ? test_servers().cluster() : test_servers().plain();
    const auto prepare = [&] {
      server.reset();
      server.prepare(about.given);
    };

    prepare();
    const std::string raw = server.reply_to(words, version);
    ASSERT_EQ(raw.starts_with('-') || raw.starts_with('!'), !about.error.empty()) << raw;
    if (!about.error.empty()) {
      EXPECT_TRUE(std::string_view(raw).substr(1).starts_with(about.error)) << raw;
    }
    const Leaves said = leaves_of_raw(raw);
    if (!about.raw.empty()) {
      EXPECT_TRUE(raw_leaves(about.raw).match(said)) << "in raw form: " << said.text();
    }

    Clients& clients = clients_of(server, protocol);
    prepare();
    check_answer(about, example.judge(clients.answer_thread(example.request())), said, "Client");
    prepare();
    check_answer(about, example.judge(clients.answer_coroutine(example.request())), said, "AsyncClient");
  }

  static void check_answer(const About& about, const Answer& answer, const Leaves& said, std::string_view client) {
    SCOPED_TRACE(client);
    if (!about.error.empty()) {
      EXPECT_NE(answer.error.find(about.error), std::string::npos) << answer.error;
      return;
    }
    ASSERT_EQ(answer.error, "");
    EXPECT_TRUE(answer.is_expected) << "the value is: " << answer.leaves.text();
    if (about.unpredictable || !about.raw.empty() || !answer.has_value) return;
    EXPECT_TRUE(answer.leaves.match(said))
        << "the value is:     " << answer.leaves.text() << "\nthe server says:  " << said.text();
  }

  // "[a 1 nil]"
  static Leaves raw_leaves(std::string_view notation) {
    std::string flat(notation);
    std::replace_if(
        flat.begin(), flat.end(), [](char character) { return character == '[' || character == ']'; }, ' ');
    Leaves leaves;
    for (const std::string& word : words_of(flat)) {
      if (word == "nil") leaves.add_null();
      else leaves.add(std::string_view(word));
    }
    return leaves;
  }

  std::vector<const Example*> examples_;
};

std::string test_name(std::string command) {
  std::replace_if(
      command.begin(), command.end(), [](unsigned char character) { return std::isalnum(character) == 0; }, '_');
  return command;
}

}  // namespace

void register_example_tests() {
  std::map<std::pair<std::string, std::string>, std::vector<const Example*>> groups;
  for (const auto& example : all_examples().all()) {
    groups[{family_of(*example), test_name(example->request().name())}].push_back(example.get());
  }
  for (auto& [names, examples] : groups) {
    ::testing::RegisterTest(("Conformance_" + names.first).c_str(), names.second.c_str(), nullptr, nullptr, __FILE__,
                            __LINE__,
                            [examples = examples]() -> ::testing::Test* { return new ExampleTest(examples); });
  }
}

}  // namespace meridian::conformance
