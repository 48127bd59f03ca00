// What an operator does to a running client, and a failover strategy of the program's own.
//   operating redis://localhost:6379 redis://localhost:6380
#include <chrono>
#include <iostream>
#include <meridian/meridian.hpp>

using namespace std::chrono_literals;

namespace {

// Among those that are usable, the one that was left least often.
std::optional<std::size_t> steadiest(std::span<const meridian::DatabaseStatus> candidates) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    if (candidates[i].counters.failovers < candidates[best].counters.failovers) best = i;
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: operating EAST-URI WEST-URI\n";
    return 2;
  }
  try {
    meridian::MultiDbClient client({
        .databases =
            {
                {.uri = argv[1], .name = "east", .weight = 1.0},
                {.uri = argv[2], .name = "west", .weight = 0.5},
            },
        .failover_strategy = meridian::failover_strategy(&steadiest),
        .failback = meridian::Failback::reads_first,
    });
    client.on_event([](const meridian::ActiveDatabaseChanged& e) {
      std::clog << e.from << " -> " << e.to << " (" << to_string(e.reason) << ")\n";
    });

    // East is to be maintained: leave it, and do not come back by yourself.
    client.drain("east");
    client.set("served-by", "west");
    std::cout << to_text(client.describe()) << '\n';
    client.undrain("east");

    // Home at once, instead of waiting for `auto_fallback_interval`; and stay there while the others are looked at.
    client.set_active_database("east");
    client.pin();
    client.set_weight("west", 0.25);
    client.unpin();

    // What cannot be done is said, and changes nothing.
    const meridian::Result<void> refused = client.operate(meridian::op::SetActiveDatabase{"north"});
    std::cout << refused.error().what() << '\n';
    std::cout << to_json(client.describe()) << '\n';
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
