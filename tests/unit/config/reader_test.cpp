// What files say, and what is said about wrong ones: line, key, value and what would be right, never a password.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <meridian/config_file.hpp>
#include <meridian/profiles.hpp>

namespace meridian {
namespace {

using namespace std::chrono_literals;

constexpr const char* one_database = "\n[[database]]\nuri = \"redis://east\"\n";

std::string complaint(const std::string& text) {
  const Result<MultiDbConfig> config = parse_config(text, "redis.toml");
  if (config) return "(accepted)";
  EXPECT_EQ(config.error().code(), ErrorCode::invalid_argument);
  return config.error().message();
}

void expect_begin(const std::string& message, std::string_view begin) {
  EXPECT_EQ(message.substr(0, begin.size()), begin) << message;
}

MultiDbConfig read(const std::string& text) { return value_or_throw(parse_config(text, "redis.toml")); }

TEST(ConfigFormat, a_file_says_what_a_program_would) {
  const MultiDbConfig config = read(R"(
command_deadline = "3s"
repeat_up_to = "conditional"
command_retry = { retries = 5, backoff = { kind = "steps", steps = ["10ms", "1s"] } }
slow_call_threshold = "100ms"
health_checks = ["ping", "echo"]
failback = "ramp"
failback_ramp = [5, 50]

[options]
user = "shop"
tls = { enabled = true, ca_file = "/etc/ca.crt" }

[[database]]
uri = "rediss://east:6380/2"
name = "east"
connect_timeout = "250ms"
[database.circuit_breaker]
consecutive_failures = 2

[[database]]
endpoint = { host = "west", port = 7000 }
weight = 0.5
user = "other"
health_checks = []
)");
  EXPECT_EQ(config.command_deadline, 3s);
  EXPECT_EQ(config.repeat_up_to, Repeat::conditional);
  EXPECT_EQ(config.command_retry.retries, 5);
  EXPECT_EQ(config.command_retry.backoff.steps, (std::vector<Duration>{10ms, 1s}));
  EXPECT_EQ(config.slow_call_threshold, 100ms);
  EXPECT_EQ(config.health_checks.size(), 2u);
  EXPECT_EQ(config.failback, Failback::ramp);
  EXPECT_EQ(config.failback_ramp, (std::vector<int>{5, 50}));
  ASSERT_EQ(config.databases.size(), 2u);
  const DatabaseConfig& east = config.databases[0];
  EXPECT_EQ(east.name, "east");
  EXPECT_EQ(east.options.user, "shop");
  EXPECT_EQ(east.options.tls.ca_file, "/etc/ca.crt");
  EXPECT_EQ(east.options.connect_timeout, 250ms);
  EXPECT_EQ(east.circuit_breaker.value().consecutive_failures, 2u);
  const DatabaseConfig& west = config.databases[1];
  EXPECT_EQ(west.endpoint, (Endpoint{"west", 7000}));
  EXPECT_EQ(west.weight, 0.5);
  EXPECT_EQ(west.options.user, "other");
  EXPECT_EQ(west.options.connect_timeout, ClientOptions{}.connect_timeout);
  EXPECT_TRUE(west.health_checks.value().empty());
}

TEST(ConfigFormat, a_profile_is_what_the_rest_is_said_on) {
  const MultiDbConfig config = read(std::string("profile = \"fast\"\nsuspicion_probes = 3\n") + one_database);
  EXPECT_EQ(config.suspicion_after, profiles::fast().suspicion_after);
  EXPECT_EQ(config.suspicion_probes, 3);
  EXPECT_EQ(config.databases[0].options.idle_ping, profiles::fast_options().idle_ping);
  EXPECT_EQ(complaint(std::string("profile = \"quick\"\n") + one_database),
            "redis.toml:1: profile is \"quick\": must be \"compatible\", \"fast\" or \"low_traffic\"");
}

TEST(ConfigFormat, INIT_4_unknown_keys) {
  expect_begin(complaint("\ncomand_deadline = \"3s\"\n"), "redis.toml:2: comand_deadline is not known: must be one of");
  expect_begin(complaint("[[database]]\nuri = \"redis://x\"\n\nwieght = 2\n"),
               "redis.toml:4: database[0].wieght is not known: must be one of");
  EXPECT_EQ(complaint("sustained_failures = { rat = 1 }\n"),
            "redis.toml:1: sustained_failures.rat is not known: must be one of rate, min_attempts, window");
  EXPECT_EQ(complaint("[options]\ncommand_deadline = \"1s\"\n"),
            "redis.toml:2: options.command_deadline is decided by the whole client: must stand at the top of the file");
}

TEST(ConfigFormat, INIT_4_wrong_types) {
  EXPECT_EQ(complaint("command_deadline = 3\n"),
            "redis.toml:1: command_deadline is 3: must be a duration: a whole number with us, ms, s or m between "
            "quotes, as \"250ms\"");
  expect_begin(complaint("command_deadline = \"3 seconds\"\n"),
               "redis.toml:1: command_deadline is \"3 seconds\": must be a durati");
  EXPECT_EQ(complaint("slow_call_rate = \"half\"\n"), "redis.toml:1: slow_call_rate is \"half\": must be a number");
  EXPECT_EQ(complaint("suspicion_probes = 2.5\n"),
            "redis.toml:1: suspicion_probes is 2.5: must be a whole number from -2147483648 to 2147483647");
  EXPECT_EQ(complaint("min_num_failures = -1\n"),
            "redis.toml:1: min_num_failures is -1: must be a whole number, 0 or greater");
  EXPECT_EQ(complaint("failback = \"slow\"\n"),
            "redis.toml:1: failback is \"slow\": must be one of \"immediate\", \"reads_first\", \"ramp\"");
  EXPECT_EQ(complaint("health_checks = [\"pong\"]\n"),
            "redis.toml:1: health_checks[0] is \"pong\": must be \"ping\" or \"echo\"; others are given in code");
  EXPECT_EQ(
      complaint("database = \"redis://x\"\n"),
      "redis.toml:1: database is \"redis://x\": must be a table for each database, which begins with [[database]]");
  expect_begin(complaint("drain = 2026-11-21\n"), "redis.toml:1: drain is \"2026-11-21\": must be a duration");
}

TEST(ConfigFormat, INIT_4_wrong_values_are_found_by_line) {
  EXPECT_EQ(complaint("[[database]]\nuri = \"redis://x\"\nweight = 0\n"),
            "redis.toml:3: database[0].weight is 0: must be finite and greater than 0");
  EXPECT_EQ(complaint("[[database]]\nuri = \"redis://x\"\nconnect_timeout = \"0s\"\n"),
            "redis.toml:3: database[0].connect_timeout is 0ms: must be greater than 0");
  EXPECT_EQ(complaint(std::string("[options]\nconnections = 100\n") + one_database),
            "redis.toml:2: database[0].connections is 100: must be from 1 to 64");
  EXPECT_EQ(complaint("# nothing\n"), "redis.toml: database is empty: must be at least one database");
  EXPECT_EQ(complaint(std::string(one_database) + "name=\"a\"\n" + one_database + "name=\"a\"\n"),
            "redis.toml:8: database[1].name is 'a': must be unique, but database[0] is called so, too");
  EXPECT_EQ(complaint("[[database]]\nuri = \"redis://x:0\"\n"),
            "redis.toml:2: database[0].uri: port is 0: must be from 1 to 65535");
}

TEST(ConfigFormat, INIT_4_what_is_no_TOML) {
  expect_begin(complaint("command_deadline = 5s\n"), "redis.toml:1: not valid TOML (texts sta");
  expect_begin(complaint("drain = \"1s\"\ndrain = \"2s\"\n"), "redis.toml:2:");
}

TEST(ConfigFormat, no_error_shows_a_secret) {
  for (const std::string wrong :
       {"password = hunter2", "password = 12345678901234567890123", "password = trunter2", "password = [\"hunter2\"]",
        "password = \"hunter2", "password = \"hunter2\"\npassword = \"hunter2\"", "pasword = \"hunter2\"",
        "uri = \"redis://ann:hunter2@\"", "uri = \"hunter2\"", "tls = { key_pem = hunter2 }",
        "password = \"hunter2\"\npassword_env = \"HUNTER\"", "password_env = \"hunter2\"",
        "password = \"\\hunter2\""}) {
    const std::string message = complaint("[[database]]\n" + wrong + "\n");
    EXPECT_NE(message, "(accepted)");
    for (const char* part : {"hunter", "unter", "12345", "saw 'h'"}) {
      EXPECT_EQ(message.find(part), std::string::npos) << wrong << " gives " << message;
    }
  }
}

class Passwords : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = (std::filesystem::temp_directory_path() / ("meridian-password-" + std::to_string(::getpid()))).string();
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void keep(const std::string& text) const { std::ofstream(path_) << text; }

  std::string path_;
};

TEST_F(Passwords, of_a_file_are_read_anew_for_each_connection) {
  keep("old\n");
  const MultiDbConfig config = read("[[database]]\nuri = \"redis://ann@east\"\npassword_file = \"" + path_ + "\"\n");
  CredentialsProvider& credentials = *config.databases[0].options.credentials;
  EXPECT_EQ(credentials.credentials().user, "ann");
  EXPECT_EQ(credentials.credentials().password.reveal_secret(), "old");
  keep("new");
  EXPECT_EQ(credentials.credentials().password.reveal_secret(), "new");
  std::filesystem::remove(path_);
  EXPECT_THROW(static_cast<void>(credentials.credentials()), std::exception);
}

TEST_F(Passwords, must_be_in_the_file_at_the_start) {
  EXPECT_EQ(complaint(std::string("[options]\npassword_file = \"") + path_ + "\"" + one_database),
            "redis.toml:2: options.password_file names a file that does not exist: must be a file that holds the "
            "password");
  keep("\n");
  EXPECT_EQ(complaint(std::string("[options]\npassword_file = \"") + path_ + "\"" + one_database),
            "redis.toml:2: options.password_file names a file that is empty: must be a file that holds the password");
}

TEST_F(Passwords, of_a_database_replace_the_common_one) {
  ::setenv("MERIDIAN_TEST_PASSWORD", "from the environment", 1);
  const MultiDbConfig config =
      read(std::string("[options]\npassword = \"common\"\n") + one_database +
           "password_env = \"MERIDIAN_TEST_PASSWORD\"\n[[database]]\nuri = \"redis://west\"\n");
  EXPECT_EQ(config.databases[0].options.password.reveal_secret(), "from the environment");
  EXPECT_EQ(config.databases[1].options.password.reveal_secret(), "common");
}

}  // namespace
}  // namespace meridian
