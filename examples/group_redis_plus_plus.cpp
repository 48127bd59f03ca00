// Failover for a program that uses redis-plus-plus: its calls stay as they are, inside `run`.
//   group_redis_plus_plus redis://localhost:6379 redis://localhost:6380
#include <chrono>
#include <iostream>
#include <memory>

#include <meridian/adapters/redis_plus_plus.hpp>

namespace {

std::shared_ptr<sw::redis::Redis> redis_at(const char* uri) {
  const meridian::Endpoint endpoint = meridian::value_or_throw(meridian::parse_uri(uri)).endpoint;
  sw::redis::ConnectionOptions options;
  options.host = endpoint.host;
  options.port = endpoint.port;
  // redis-plus-plus waits for ever unless it is told not to.
  options.connect_timeout = options.socket_timeout = std::chrono::seconds(1);
  return std::make_shared<sw::redis::Redis>(options);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: group_redis_plus_plus EAST-URI WEST-URI\n";
    return 2;
  }
  try {
    meridian::FailoverGroup<sw::redis::Redis> group({
        .members = {{.name = "east", .object = redis_at(argv[1]), .weight = 1.0},
                    {.name = "west", .object = redis_at(argv[2]), .weight = 0.5}},
        .probe = meridian::redis_plus_plus::ping<sw::redis::Redis>,
        .write_probe = meridian::redis_plus_plus::no_op_write<sw::redis::Redis>,
        .classify = meridian::redis_plus_plus::classify_one_command,
    });
    group.on_event([](const meridian::ActiveDatabaseChanged& e) {
      std::clog << e.from << " -> " << e.to << ": " << e.evidence << '\n';
    });

    group.run(meridian::Repeat::overwrite, [](auto& redis) { redis.set("greeting", "hello"); });
    const auto greeting = group.run(meridian::Repeat::read_only, [](auto& redis) { return redis.get("greeting"); });
    std::cout << greeting.value_or("(nothing)") << '\n';

    const auto hits = group.try_run(meridian::Repeat::accumulate, [](auto& redis) { return redis.incr("hits"); });
    if (!hits && hits.error().delivery() == meridian::Delivery::in_doubt) {
      std::cerr << "it may have run: " << hits.error().what() << '\n';
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
