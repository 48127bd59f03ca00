#include "bench/targets.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace meridian::bench {

std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::held: return "held";
    case Verdict::held_within_spread: return "held within the spread";
    case Verdict::missed: return "missed";
    case Verdict::stated: return "stated";
    case Verdict::not_measured: return "not measured";
  }
  return {};
}

std::string Target::limit_text() const {
  if (bound == Bound::stated) return "stated";
  std::array<char, 32> number;
  std::snprintf(number.data(), number.size(), "%.2f", limit);
  return (bound == Bound::at_least ? "≥ " : "≤ ") + std::string(number.data());
}

const std::vector<Target>& targets() {
  using enum Target::Bound;
  static const std::vector<Target> all = {
      {"1 sync thread, against the bare socket", "sync-1/GET/16/one", "vs_socket", at_least, 0.97},
      {"1 sync thread, p99 against the bare socket", "sync-1/GET/16/one", "p99_vs_socket", at_most, 1.15},
      {"1 sync thread, against the bare socket", "sync-1/GET/16/free", "vs_socket", at_least, 0.97},
      {"1 sync thread giving strings, against the bare socket", "sync-strings-1/GET/16/one", "vs_socket", stated, 0},
      {"1 sync thread giving strings, against the bare socket", "sync-strings-1/GET/16/free", "vs_socket", stated, 0},
      {"2 sync threads, against hiredis", "sync-2/GET/16/one", "vs_hiredis", at_least, 0.97},
      {"2 sync threads, against hiredis", "sync-2/GET/16/free", "vs_hiredis", at_least, 0.97},
      {"8 sync threads, against hiredis", "sync-8/GET/16/one", "vs_hiredis", at_least, 2.4},
      {"8 sync threads, against hiredis", "sync-8/GET/16/free", "vs_hiredis", at_least, 1.1},
      {"32 sync threads, against hiredis", "sync-32/GET/16/one", "vs_hiredis", at_least, 3.5},
      {"32 sync threads, against hiredis", "sync-32/GET/16/free", "vs_hiredis", at_least, 2.0},
      {"pipelines of 64, against the bare socket", "pipeline-64/GET/16/one", "vs_socket", at_least, 0.95},
      {"pipelines of 64, against hiredis", "pipeline-64/GET/16/one", "vs_hiredis", at_least, 1.1},
      {"pipelines of 512, against hiredis", "pipeline-512/GET/16/one", "vs_hiredis", at_least, 1.25},
      {"pipelines of 64 giving strings, against hiredis", "pipeline-strings-64/GET/16/one", "vs_hiredis", stated, 0},
      {"pipelines of 512 giving strings, against hiredis", "pipeline-strings-512/GET/16/one", "vs_hiredis", stated, 0},
      {"64 async in flight, against the bare socket pipelined by 64", "async-64/GET/16/free", "vs_socket", at_least,
       0.80},
      {"512 async in flight, against the bare socket pipelined by 512", "async-512/GET/16/free", "vs_socket", at_least,
       0.85},
      {"512 async in flight, client CPU per operation against hiredis pipelined by 512", "async-512/GET/16/free",
       "cpu_vs_hiredis", at_most, 1.0},
      {"MultiDbClient against Client, 1 sync thread", "multidb-sync-1/GET/16/one", "vs_single", at_least, 0.97},
      {"MultiDbClient against Client, 32 sync threads", "multidb-sync-32/GET/16/one", "vs_single", at_least, 0.97},
      {"MultiDbClient against Client, 512 async in flight", "multidb-async-512/GET/16/one", "vs_single", at_least,
       0.97},
      {"MultiDbClient against Client, pipelines of 64", "multidb-pipeline-64/GET/16/one", "vs_single", at_least, 0.97},
      {"MultiDbClient against Client, pipelines of 512", "multidb-pipeline-512/GET/16/one", "vs_single", at_least,
       0.97},
      {"1 sync thread over TLS, against the bare socket without", "tls-sync-1/GET/16/one", "vs_socket", stated, 0},
      {"1 sync thread over TLS, against the bare socket without", "tls-sync-1/GET/16/free", "vs_socket", stated, 0},
      {"64 async in flight over TLS, against the bare socket without", "tls-async-64/GET/16/one", "vs_socket", stated,
       0},
      {"64 async in flight over TLS, against the bare socket without", "tls-async-64/GET/16/free", "vs_socket", stated,
       0},
  };
  return all;
}

Asked asked_of(const Row& row) {
  Asked asked = Asked::nothing;
  for (const Target& target : targets()) {
    if (target.row != row.name()) continue;
    asked = std::max(asked, target.bound == Target::Bound::stated ? Asked::figures : Asked::a_target);
  }
  return asked;
}

Target compile_time_target() {
  return {"compile time of meridian/meridian.hpp at -O0, against the standard headers it uses", "", "",
          Target::Bound::at_most, 2.5};
}

Judged judge(const Target& target, const std::optional<Spread>& measured) {
  Judged judged{target, measured, Verdict::not_measured};
  if (!measured) return judged;
  const auto holds = [&](double value) {
    return target.bound == Target::Bound::at_least ? value >= target.limit : value <= target.limit;
  };
  const double best = target.bound == Target::Bound::at_least ? measured->high : measured->low;
  if (target.bound == Target::Bound::stated) judged.verdict = Verdict::stated;
  else if (holds(measured->median)) judged.verdict = Verdict::held;
  else if (holds(best)) judged.verdict = Verdict::held_within_spread;
  else judged.verdict = Verdict::missed;
  return judged;
}

std::vector<Judged> judge_rows(const Json& rows) {
  std::vector<Judged> all;
  for (const Target& target : targets()) {
    std::optional<Spread> measured;
    for (const Json& json : rows) {
      const auto row = parse_row(target.row);
      if (!row || json.at("client") != "meridian" || json.at("workload") != row->workload() ||
          json.at("op") != to_string(row->operation) || json.at("bytes") != row->bytes ||
          json.at("placement") != to_string(row->placement)) {
        continue;
      }
      const Json& quartiles = json.at(target.metric + "_spread");
      measured = Spread{json.at(target.metric), quartiles.at(0), quartiles.at(1)};
    }
    all.push_back(judge(target, measured));
  }
  return all;
}

}  // namespace meridian::bench
