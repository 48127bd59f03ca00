// CMD-1 for every delivery, grade and limit.
#include "failover/retry.hpp"

#include <gtest/gtest.h>

namespace meridian::failover {
namespace {

constexpr Repeat grades[] = {Repeat::read_only,  Repeat::overwrite,      Repeat::conditional,
                             Repeat::accumulate, Repeat::administrative, Repeat::never};

Retry decide(Delivery delivery, Repeat grade, Repeat limit, int doubtful = 0, int retries = 3,
             ErrorCode code = ErrorCode::connection_lost) {
  return decide_retry({.policy = {.retries = retries}, .repeat_up_to = limit},
                      {.code = code, .delivery = delivery, .traits = {.repeat = grade}, .doubtful = doubtful});
}

TEST(Retry, CMD_1_what_was_not_sent_or_was_rejected_is_repeated_whatever_its_grade_and_the_retry_limit) {
  for (const Repeat grade : grades) {
    for (const Repeat limit : grades) {
      for (const int doubtful : {0, 3, 1000}) {
        EXPECT_EQ(decide(Delivery::not_sent, grade, limit, doubtful, 0), Retry::when_possible);
        EXPECT_EQ(decide(Delivery::rejected, grade, limit, doubtful, 0, ErrorCode::loading), Retry::after_backoff);
      }
    }
  }
}

TEST(Retry, CMD_1_what_is_in_doubt_is_repeated_up_to_the_grade_and_never_if_it_is_never) {
  for (const Repeat grade : grades) {
    for (const Repeat limit : grades) {
      const bool allowed = grade <= limit && grade != Repeat::never;
      EXPECT_EQ(decide(Delivery::in_doubt, grade, limit), allowed ? Retry::after_backoff : Retry::give_up)
          << to_string(grade) << " up to " << to_string(limit);
    }
  }
}

TEST(Retry, CMD_1_what_is_in_doubt_is_repeated_so_many_times) {
  for (int retries = 0; retries <= 3; ++retries) {
    for (int doubtful = 0; doubtful <= 4; ++doubtful) {
      EXPECT_EQ(decide(Delivery::in_doubt, Repeat::read_only, Repeat::overwrite, doubtful, retries),
                doubtful < retries ? Retry::after_backoff : Retry::give_up);
    }
  }
}

TEST(Retry, CMD_1_a_rule_replaces_the_number_and_nothing_else) {
  const RetryRules rules{.policy = {.retries = 0}, .repeat_up_to = Repeat::overwrite};
  for (const Repeat grade : grades) {
    const AttemptRecord doubtful{.delivery = Delivery::in_doubt, .traits = {.repeat = grade}, .doubtful = 100};
    const bool allowed = grade <= Repeat::overwrite;
    EXPECT_EQ(decide_retry(rules, doubtful, Count::by_rule), allowed ? Retry::after_backoff : Retry::give_up);
    EXPECT_EQ(decide_retry(rules, doubtful, Count::by_policy), Retry::give_up);
  }
}

TEST(Retry, CMD_1_an_answer_is_final) {
  for (const Repeat grade : grades) {
    EXPECT_EQ(decide(Delivery::answered, grade, Repeat::administrative, 0, 3, ErrorCode::wrong_type), Retry::give_up);
  }
}

TEST(Retry, the_callers_own_end_is_final) {
  for (const ErrorCode code : {ErrorCode::closed, ErrorCode::cancelled}) {
    for (const Delivery delivery : {Delivery::not_sent, Delivery::rejected, Delivery::in_doubt}) {
      EXPECT_EQ(decide(delivery, Repeat::read_only, Repeat::overwrite, 0, 3, code), Retry::give_up);
    }
  }
}

TEST(Retry, a_redirection_is_a_matter_of_routing) {
  EXPECT_EQ(decide(Delivery::rejected, Repeat::read_only, Repeat::overwrite, 0, 3, ErrorCode::moved), Retry::give_up);
}

}  // namespace
}  // namespace meridian::failover
