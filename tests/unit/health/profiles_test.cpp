// The profiles are valid, and differ from the defaults in what their documentation says.
#include <gtest/gtest.h>

#include <meridian/profiles.hpp>

namespace meridian {
namespace {

using namespace std::chrono_literals;

void expect_valid(MultiDbConfig config, const ClientOptions& options = {}) {
  config.databases = {{.uri = "redis://east", .options = options}};
  const Result<void> checked = check_config(config);
  EXPECT_TRUE(checked) << checked.error().message();
}

TEST(Profiles, are_valid_once_they_have_databases) {
  expect_valid(profiles::compatible());
  expect_valid(profiles::fast(), profiles::fast_options());
  expect_valid(profiles::low_traffic(), profiles::low_traffic_options());
}

TEST(Profiles, compatible_repeats_everything_and_opens_breakers_by_the_window_alone) {
  const MultiDbConfig config = profiles::compatible();
  EXPECT_EQ(config.repeat_up_to, Repeat::accumulate);
  EXPECT_EQ(config.consecutive_failures, 0u);
  EXPECT_EQ(config.sustained_failures.rate, 0);
  EXPECT_EQ(config.min_num_failures, 1000u);
  EXPECT_EQ(config.failures_detection_window, 2s);
  EXPECT_EQ(config.command_retry.backoff.base, 1s);
}

TEST(Profiles, compatible_leaves_room_for_all_its_repetitions) {
  const MultiDbConfig config = profiles::compatible();
  const Duration waits = 1s + 2s + 4s;
  EXPECT_GE(config.command_deadline, waits + 4 * ClientOptions{}.command_timeout);
  EXPECT_GE(config.retry_budget.share, config.command_retry.retries);
}

TEST(Profiles, fast_leaves_a_silent_database_after_half_a_second) {
  const MultiDbConfig config = profiles::fast();
  EXPECT_EQ(config.suspicion_after + config.suspicion_probes * config.suspicion_probe_timeout, 500ms);
  EXPECT_LT(profiles::fast_options().idle_ping, ClientOptions{}.idle_ping);
}

TEST(Profiles, low_traffic_needs_few_failures) {
  const MultiDbConfig config = profiles::low_traffic();
  EXPECT_EQ(config.consecutive_failures, 2u);
  EXPECT_EQ(config.min_num_failures, 3u);
  EXPECT_EQ(config.failures_detection_window, 1min);
  EXPECT_LT(profiles::low_traffic_options().idle_ping, ClientOptions{}.idle_ping);
}

}  // namespace
}  // namespace meridian
