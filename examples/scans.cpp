// Everything that is there, page by page; begun again if the database changes on the way.
//   scans redis://localhost:6379 redis://localhost:6380
#include <algorithm>
#include <iostream>
#include <set>
#include <string>
#include <meridian/meridian.hpp>

namespace {

// A cursor belongs to its database: after a switch the scan begins anew, on the new one.
std::set<std::string> all_users(meridian::MultiDbClient& client) {
  for (;;) {
    std::set<std::string> users;  // a scan may find something twice
    try {
      for (const std::string& key : client.scan_all({.match = "user:*", .count = 100})) users.insert(key);
      return users;
    } catch (const meridian::Error& error) {
      if (error.code() != meridian::ErrorCode::database_changed) throw;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: scans EAST-URI WEST-URI\n";
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

    meridian::Pipeline pipeline = client.pipeline();
    for (int user = 0; user < 500; ++user) {
      const std::string number = std::to_string(user);
      pipeline.hset("user:" + number, {{"name", "user " + number}});
      pipeline.zadd("scores", {{number, user * 1.5}});
    }
    pipeline.execute();

    std::cout << all_users(client).size() << " users\n";

    // Hashes, sets and sorted sets give what they hold.
    double best = 0;
    for (const auto& [user, score] : client.zscan_all("scores")) best = std::max(best, score);
    std::cout << "the best score is " << best << '\n';
    for (const auto& [field, value] : client.hscan_all("user:7")) std::cout << field << ": " << value << '\n';
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
