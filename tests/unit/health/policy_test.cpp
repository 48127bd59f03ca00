// HC-2: each policy stops with the exact number of probes, both ways.
#include "health/policy.hpp"

#include <gtest/gtest.h>

namespace meridian::health {
namespace {

struct Decided {
  int passing;  // passes in a row after which the verdict is healthy
  int failing;  // failures in a row after which it is unhealthy
};

// Rows: one to five probes in all.
constexpr Decided of_all[] = {{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}};
constexpr Decided of_any[] = {{1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}};
constexpr Decided of_majority[] = {{1, 1}, {2, 1}, {2, 2}, {3, 2}, {3, 3}};

void expect_exact(HealthCheckPolicy policy, const Decided (&table)[5]) {
  for (int total = 1; total <= 5; ++total) {
    const Decided decided = table[total - 1];
    for (int count = 0; count <= total; ++count) {
      const auto after_passes = verdict(policy, total, count, 0);
      const auto after_failures = verdict(policy, total, 0, count);
      EXPECT_EQ(after_passes, count >= decided.passing ? std::optional(true) : std::nullopt)
          << count << " of " << total << " passed";
      EXPECT_EQ(after_failures, count >= decided.failing ? std::optional(false) : std::nullopt)
          << count << " of " << total << " failed";
    }
  }
}

TEST(Policy, HC_2_all_stops_at_the_first_failure) { expect_exact(HealthCheckPolicy::all, of_all); }
TEST(Policy, HC_2_any_stops_at_the_first_pass) { expect_exact(HealthCheckPolicy::any, of_any); }
TEST(Policy, HC_2_majority_stops_when_no_rest_can_change_it) { expect_exact(HealthCheckPolicy::majority, of_majority); }

TEST(Policy, HC_2_every_sequence_of_probes_is_decided_once_and_never_reversed) {
  for (const HealthCheckPolicy policy : {HealthCheckPolicy::all, HealthCheckPolicy::any, HealthCheckPolicy::majority}) {
    for (int total = 1; total <= 5; ++total) {
      for (unsigned outcomes = 0; outcomes < 1U << total; ++outcomes) {
        int passed = 0;
        int failed = 0;
        std::optional<bool> first;
        for (int probe = 0; probe < total; ++probe) {
          ++((outcomes >> probe & 1U) != 0 ? passed : failed);
          const auto now = verdict(policy, total, passed, failed);
          if (first) EXPECT_EQ(now, first);
          else first = now;
        }
        const int needed = policy == HealthCheckPolicy::all   ? total
                           : policy == HealthCheckPolicy::any ? 1
                                                              : total / 2 + 1;
        EXPECT_EQ(first, passed >= needed) << total << " probes, " << passed << " passed";
      }
    }
  }
}

}  // namespace
}  // namespace meridian::health
