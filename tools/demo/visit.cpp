// The run on servers that are not ours.
#include "demo/visit.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include <meridian/meridian.hpp>

#include "demo/interruption.hpp"
#include "demo/live_line.hpp"
#include "demo/narration.hpp"
#include "demo/witness.hpp"
#include "demo/workload.hpp"

namespace meridian::demo {
namespace {

constexpr std::chrono::seconds expiry{600};

// Calls that our own close cuts short are nobody's failure.
template <class T>
void note(Tally& tally, const Result<T>& result) {
  if (result) tally.answered();
  else if (result.error().code() != ErrorCode::closed) tally.failed(result.error().delivery());
}

// Each worker keeps to one key. Its SET renews the expiry, which INCR leaves as it is.
void one_call(MultiDbClient& client, Tally& tally, std::size_t worker, std::uint64_t n) {
  const std::string key = "meridian:demo:" + std::to_string(worker);
  switch (n % 3) {
    case 0: return note(tally, client.execute(cmd::set(key, "0", {.ex = expiry})));
    case 1: return note(tally, client.execute(cmd::incr(key)));
    default: return note(tally, client.execute(cmd::get(key)));
  }
}

void wait_for_the_end(const Visit& plan, const std::stop_token& stop) {
  try {
    pause(plan.length.count() > 0 ? plan.length : std::chrono::hours(24 * 365), stop);
  } catch (const Interrupted&) {
    // The user's way to end it; what happened so far is told as usual.
  }
}

}  // namespace

nlohmann::ordered_json visit(Screen& screen, const Tempo& tempo, const Visit& plan, const std::stop_token& stop) {
  Witness witness(screen);
  Tally tally;
  MultiDbConfig config = make_config(tempo);
  for (std::size_t i = 0; i < plan.uris.size(); ++i) {
    config.databases.push_back(make_database(tempo, "", plan.uris[i], i));
  }
  config.event_listeners.emplace_back([&witness](const Event& event) { witness.on_event(event); });

  const auto began = std::chrono::steady_clock::now();
  {
    MultiDbClient client(config);
    print_settings(screen, config);
    screen.print({{"  keys are meridian:demo:*, and expire after " + configured(expiry), Tone::faint}});
    const LiveLine live(screen, client, tally);
    Workload workload([&](std::size_t worker, std::uint64_t n) { one_call(client, tally, worker, n); });
    wait_for_the_end(plan, stop);
    if (stop.stop_requested()) client.close();  // a call may wait for a server that hangs
    workload.stop();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const auto failed = [&](Delivery delivery) { return tally.calls_failed(delivery); };
  screen.print(
      {{std::to_string(tally.calls_answered()) + " calls answered, failed: not_sent " +
        std::to_string(failed(Delivery::not_sent)) + ", rejected " + std::to_string(failed(Delivery::rejected)) +
        ", in_doubt " + std::to_string(failed(Delivery::in_doubt)) + ", with an error as answer " +
        std::to_string(failed(Delivery::answered)) + "; " + std::to_string(witness.switches()) + " switches"}});
  return {{"ok", true},
          {"calls", tally.calls()},
          {"failed",
           {{"not_sent", failed(Delivery::not_sent)},
            {"rejected", failed(Delivery::rejected)},
            {"in_doubt", failed(Delivery::in_doubt)}}},
          {"error_replies", failed(Delivery::answered)},
          {"switches", witness.switches()},
          {"seconds", std::round(took.count() * 1000) / 1000}};
}

}  // namespace meridian::demo
