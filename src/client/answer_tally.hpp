// Counts what is answered and tells the router of many answers at once: to judge each by itself would cost more than to
// read it. On the loop.
#pragma once

#include "client/router.hpp"
#include "io/loop.hpp"

namespace meridian::client {

class AnswerTally final : public io::TurnEnd {
 public:
  AnswerTally(io::Loop& loop, Router& router) noexcept : loop_(loop), router_(router) {}

  // The call's attempt was answered by what was read `at` that time.
  void add(const Call& call, TimePoint at) {
    if (router_.hears_answers()) add(attempt_of(call, at));
  }
  void add(const Attempts& answered) {
    const bool is_alike = run_.facts.count > 0 && run_.ended_at == answered.ended_at &&
                          run_.facts.link == answered.facts.link && run_.facts.sent_at == answered.facts.sent_at &&
                          run_.facts.is_read == answered.facts.is_read && run_.epoch == answered.epoch &&
                          run_.database == answered.database;
    if (is_alike) {
      run_.facts.count += answered.facts.count;
      return;
    }
    tell();
    run_ = answered;
    loop_.at_turn_end(*this);
  }

  // Tells what was counted so far: before whatever is to be judged after it. At the end of the turn it is told anyway.
  void tell() {
    if (run_.facts.count == 0) return;
    const Attempts told = run_;
    run_.facts.count = 0;
    router_.on_answered(told);
  }

 private:
  void end_turn() override { tell(); }

  io::Loop& loop_;
  Router& router_;
  Attempts run_{.facts = {.count = 0}};  // of attempts that are alike
};

}  // namespace meridian::client
