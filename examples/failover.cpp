// The README's program: two regions, one client.
//   failover redis://localhost:6379 redis://localhost:6380
#include <iostream>
#include <meridian/meridian.hpp>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: failover EAST-URI WEST-URI\n";
    return 2;
  }
  try {
    meridian::MultiDbClient client({
        .databases =
            {
                {.uri = argv[1], .name = "east", .weight = 1.0},
                {.uri = argv[2], .name = "west", .weight = 0.5},
            },
    });
    client.on_event([](const meridian::ActiveDatabaseChanged& e) {
      std::clog << e.from << " -> " << e.to << ": " << e.evidence << '\n';
    });

    client.set("greeting", "hello");
    std::cout << client.get("greeting").value_or("(nothing)") << '\n';

    auto hits = client.execute(meridian::cmd::incr("hits"));
    if (!hits && hits.error().delivery() == meridian::Delivery::in_doubt) {
      std::cerr << "it may have run: " << hits.error().what() << '\n';
    }
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
