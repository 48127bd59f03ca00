// A Lua script that is sent once to each database and called by its hash from then on, over two regions.
//   scripts redis://localhost:6379 redis://localhost:6380
#include <iostream>
#include <optional>
#include <string>
#include <meridian/meridian.hpp>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: scripts EAST-URI WEST-URI\n";
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

    // Counts, but not beyond a limit.
    const meridian::Script take_ticket(R"(
      local taken = tonumber(redis.call('GET', KEYS[1]) or '0')
      if taken >= tonumber(ARGV[1]) then return false end
      return redis.call('INCR', KEYS[1])
    )");
    for (int visitor = 1; visitor <= 5; ++visitor) {
      const auto ticket = client.run_script<std::optional<std::int64_t>>(take_ticket, "tickets", "3");
      if (ticket) std::cout << "visitor " << visitor << " has ticket " << *ticket << '\n';
      else std::cout << "visitor " << visitor << " comes too late\n";
    }

    // One that only reads is repeated on another database if it got lost; one that writes is not.
    const meridian::Script count_taken("return redis.call('GET', KEYS[1])", meridian::Script::Effect::reads);
    std::cout << client.run_script<std::string>(count_taken, "tickets") << " tickets are gone\n";
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
