// DET-5 and DET-3: how many probes, how far apart, until a suspicion is a verdict.
#include "failover/inquiry.hpp"

#include <gtest/gtest.h>

namespace meridian::failover {
namespace {

using namespace std::chrono_literals;
using core::ProbeKind;
using core::ProbeReport;
using core::ProbeVerdict;
using Verdict = Inquiry::Verdict;

constexpr TimePoint start{100s};

ProbeReport report(ProbeVerdict verdict, ErrorCode code = ErrorCode::server_error) {
  return {verdict, code, "words", {}};
}
const ProbeReport refused = report(ProbeVerdict::refused, ErrorCode::connect_refused);
const ProbeReport unanswered = report(ProbeVerdict::unanswered, ErrorCode::timed_out);
ProbeReport cannot_serve(ErrorCode code) { return report(ProbeVerdict::cannot_serve, code); }

// Sends the probe that is due; its report comes at `at`.
Verdict probe(Inquiry& inquiry, TimePoint at, const ProbeReport& said, int limit = 2) {
  EXPECT_TRUE(inquiry.probe_due());
  inquiry.probe_started();
  EXPECT_FALSE(inquiry.probe_due());
  return inquiry.on_report(at, said, limit);
}

TEST(Inquiry, rests_until_it_is_begun_and_probes_at_once) {
  Inquiry inquiry(ProbeKind::ping);
  EXPECT_FALSE(inquiry.is_active());
  EXPECT_FALSE(inquiry.probe_due());
  inquiry.begin(start);
  EXPECT_EQ(inquiry.probe_due(), start);
}

TEST(Inquiry, more_evidence_while_it_runs_changes_nothing) {
  Inquiry inquiry(ProbeKind::ping);
  inquiry.begin(start);
  inquiry.probe_started();
  inquiry.begin(start + 10ms, ErrorCode::loading);
  EXPECT_FALSE(inquiry.probe_due());
  EXPECT_EQ(inquiry.on_report(start + 20ms, cannot_serve(ErrorCode::loading), 2), Verdict::pending);
}

TEST(Inquiry, DET_5_refused_twice_50_ms_apart_is_proof) {
  Inquiry inquiry(ProbeKind::ping);
  inquiry.begin(start);
  EXPECT_EQ(probe(inquiry, start + 1ms, refused), Verdict::pending);
  EXPECT_EQ(inquiry.probe_due(), start + 51ms);
  EXPECT_EQ(probe(inquiry, start + 52ms, refused), Verdict::confirmed);
  EXPECT_FALSE(inquiry.is_active());
  EXPECT_EQ(inquiry.evidence(), "words");
}

TEST(Inquiry, DET_5_connected_in_vain_twice_is_proof_too) {
  Inquiry inquiry(ProbeKind::ping);
  inquiry.begin(start);
  EXPECT_EQ(probe(inquiry, start + 1ms, report(ProbeVerdict::failed)), Verdict::pending);
  EXPECT_EQ(probe(inquiry, start + 51ms, report(ProbeVerdict::failed)), Verdict::confirmed);
}

TEST(Inquiry, DET_5_so_many_unanswered_in_a_row) {
  for (int limit = 1; limit <= 4; ++limit) {
    Inquiry inquiry(ProbeKind::ping);
    inquiry.begin(start);
    TimePoint now = start;
    for (int i = 1; i < limit; ++i) {
      now += 400ms;
      EXPECT_EQ(probe(inquiry, now, unanswered, limit), Verdict::pending);
      EXPECT_EQ(inquiry.probe_due(), now) << "the next one goes out at once";
    }
    EXPECT_EQ(probe(inquiry, now + 400ms, unanswered, limit), Verdict::confirmed);
    EXPECT_EQ(inquiry.evidence(), "words " + std::to_string(limit) + " times in a row");
  }
}

TEST(Inquiry, DET_5_a_refusal_between_them_ends_the_row_of_unanswered_ones) {
  Inquiry inquiry(ProbeKind::ping);
  inquiry.begin(start);
  EXPECT_EQ(probe(inquiry, start + 400ms, unanswered), Verdict::pending);
  EXPECT_EQ(probe(inquiry, start + 401ms, refused), Verdict::pending);
  EXPECT_EQ(probe(inquiry, start + 851ms, unanswered), Verdict::pending);
  EXPECT_EQ(probe(inquiry, start + 1251ms, unanswered), Verdict::confirmed);
}

TEST(Inquiry, DET_5_any_answer_clears) {
  for (const ProbeVerdict verdict : {ProbeVerdict::answered, ProbeVerdict::not_permitted, ProbeVerdict::local}) {
    Inquiry inquiry(ProbeKind::write);
    inquiry.begin(start);
    EXPECT_EQ(probe(inquiry, start + 400ms, unanswered), Verdict::pending);
    EXPECT_EQ(probe(inquiry, start + 401ms, report(verdict)), Verdict::cleared);
    EXPECT_FALSE(inquiry.is_active());
  }
}

TEST(Inquiry, DET_5_what_is_cleared_starts_from_nothing_the_next_time) {
  Inquiry inquiry(ProbeKind::ping);
  inquiry.begin(start);
  EXPECT_EQ(probe(inquiry, start + 1ms, refused), Verdict::pending);
  EXPECT_EQ(probe(inquiry, start + 51ms, report(ProbeVerdict::answered)), Verdict::cleared);
  inquiry.begin(start + 100ms);
  EXPECT_EQ(probe(inquiry, start + 101ms, refused), Verdict::pending);
}

TEST(Inquiry, DET_5_a_cannot_serve_reply_is_probed_50_ms_later_and_the_second_word_is_proof) {
  for (const ErrorCode code : {ErrorCode::loading, ErrorCode::read_only}) {
    Inquiry inquiry(ProbeKind::write);
    inquiry.begin(start, code);
    EXPECT_EQ(inquiry.probe_due(), start + 50ms);
    EXPECT_EQ(probe(inquiry, start + 51ms, cannot_serve(code)), Verdict::confirmed);
    EXPECT_EQ(inquiry.evidence(), "answers \"words\"");
  }
}

TEST(Inquiry, DET_5_a_word_said_to_a_probe_first_needs_a_second_50_ms_later) {
  Inquiry inquiry(ProbeKind::ping);
  inquiry.begin(start);
  EXPECT_EQ(probe(inquiry, start + 1ms, cannot_serve(ErrorCode::loading)), Verdict::pending);
  EXPECT_EQ(inquiry.probe_due(), start + 51ms);
  EXPECT_EQ(probe(inquiry, start + 52ms, cannot_serve(ErrorCode::loading)), Verdict::confirmed);
}

class MayEndByItself : public testing::TestWithParam<ErrorCode> {};

TEST_P(MayEndByItself, needs_500_ms_of_the_same) {
  Inquiry inquiry(ProbeKind::write);
  inquiry.begin(start, GetParam());
  TimePoint now = start;
  int probes = 0;
  Verdict verdict = Verdict::pending;
  while (verdict == Verdict::pending) {
    ASSERT_TRUE(inquiry.probe_due());
    now = std::max(now, *inquiry.probe_due());
    ++probes;
    verdict = probe(inquiry, now, cannot_serve(GetParam()));
    ASSERT_LE(now, start + 1s);
  }
  EXPECT_EQ(verdict, Verdict::confirmed);
  EXPECT_EQ(now, start + 500ms);
  EXPECT_GE(probes, 2);
}

TEST_P(MayEndByItself, needs_two_probes_even_if_the_first_is_slow) {
  Inquiry inquiry(ProbeKind::write);
  inquiry.begin(start, GetParam());
  EXPECT_EQ(probe(inquiry, start + 600ms, cannot_serve(GetParam())), Verdict::pending);
  EXPECT_EQ(probe(inquiry, start + 700ms, cannot_serve(GetParam())), Verdict::confirmed);
}

INSTANTIATE_TEST_SUITE_P(DET_5, MayEndByItself,
                         testing::Values(ErrorCode::busy, ErrorCode::out_of_memory, ErrorCode::misconfigured,
                                         ErrorCode::no_replicas),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST(Inquiry, DET_5_a_cluster_gets_two_seconds_for_its_own_failover) {
  Inquiry inquiry(ProbeKind::ping);
  inquiry.begin(start, ErrorCode::cluster_down);
  TimePoint now = start;
  while (now < start + 1900ms) {
    now = *inquiry.probe_due();
    if (now >= start + 2s) break;
    ASSERT_EQ(probe(inquiry, now, cannot_serve(ErrorCode::cluster_down)), Verdict::pending) << (now - start).count();
  }
  EXPECT_EQ(probe(inquiry, start + 2s, cannot_serve(ErrorCode::cluster_down)), Verdict::confirmed);
}

TEST(Inquiry, DET_3_large_packets_must_not_pass_for_three_seconds) {
  Inquiry inquiry(ProbeKind::large);
  inquiry.begin(start);
  TimePoint now = start;
  for (int i = 0; i < 7; ++i) {
    now += 400ms;
    EXPECT_EQ(probe(inquiry, now, unanswered), Verdict::pending);
  }
  EXPECT_EQ(probe(inquiry, now + 400ms, unanswered), Verdict::confirmed);
}

TEST(Inquiry, DET_5_bytes_heard_clear_silence_but_not_a_servers_own_words) {
  Inquiry silent(ProbeKind::ping);
  silent.begin(start);
  silent.probe_started();
  EXPECT_TRUE(silent.clear_silence());
  EXPECT_FALSE(silent.is_active());
  EXPECT_FALSE(silent.clear_silence()) << "there was nothing to clear any more";

  Inquiry told(ProbeKind::ping);
  told.begin(start, ErrorCode::loading);
  EXPECT_FALSE(told.clear_silence());
  EXPECT_TRUE(told.is_active());
}

}  // namespace
}  // namespace meridian::failover
