// The simulator is only worth something if it notices. Here the client has a bug built in, and the histories must fail,
// for the right reason.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/decision.hpp"
#include "simulation/history/history.hpp"

namespace meridian::simulation {
namespace {

class PlantedBug {
 public:
  explicit PlantedBug(core::Decision decision) { core::planted_bug = decision; }
  PlantedBug(const PlantedBug&) = delete;
  PlantedBug& operator=(const PlantedBug&) = delete;
  ~PlantedBug() { core::planted_bug = core::Decision::none; }
};

// The first of `count` seeds whose history breaks `invariant`.
std::optional<std::uint64_t> first_seed_that_breaks(std::string_view invariant, std::uint64_t count) {
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    const HistoryReport report = run_history(seed);
    const bool found =
        std::any_of(report.violations.begin(), report.violations.end(), [&](const std::string& violation) {
          return violation.find(std::string(invariant) + ": ") != std::string::npos;
        });
    if (found) return seed;
  }
  return std::nullopt;
}

constexpr std::uint64_t seeds = 5000;

TEST(Planted, nothing_is_found_where_nothing_is_planted) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) EXPECT_EQ(run_history(seed).violations, std::vector<std::string>{});
}

TEST(Planted, repeating_an_increment_in_doubt_breaks_I2) {
  const PlantedBug bug(core::Decision::repeat_when_in_doubt);
  EXPECT_TRUE(first_seed_that_breaks("I2", seeds).has_value());
}

TEST(Planted, forgetting_the_epoch_check_breaks_I5) {
  const PlantedBug bug(core::Decision::write_of_old_epoch);
  EXPECT_TRUE(first_seed_that_breaks("I5", seeds).has_value());
}

TEST(Planted, a_failing_seed_fails_again_in_the_same_way) {
  const PlantedBug bug(core::Decision::repeat_when_in_doubt);
  const auto seed = first_seed_that_breaks("I2", seeds);
  ASSERT_TRUE(seed.has_value());
  EXPECT_EQ(run_history(*seed).violations, run_history(*seed).violations);
}

}  // namespace
}  // namespace meridian::simulation
