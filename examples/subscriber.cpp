// Two regions, one subscriber: what is published, and what it says when it had to move.
//   subscriber redis://localhost:6379 redis://localhost:6380
#include <chrono>
#include <iostream>
#include <string>
#include <meridian/meridian.hpp>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: subscriber EAST-URI WEST-URI\n";
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

    // Wishes are remembered: they are made again after a reconnect and after a switch.
    meridian::Subscriber subscriber = client.subscriber();
    subscriber.subscribe({"news", "weather"});
    subscriber.psubscribe("orders.*");
    if (auto subscribed = subscriber.wait_until_subscribed(5s); !subscribed) throw subscribed.error();

    client.publish("news", "hello");
    client.publish("orders.eu", "42");
    client.publish("weather", "good night");

    while (auto event = subscriber.next(5s)) {
      if (const auto* message = std::get_if<meridian::Message>(&*event)) {
        std::cout << message->channel << ": " << message->payload << " (from " << message->database << ")\n";
        if (message->payload == "good night") return 0;
      } else if (const auto* moved = std::get_if<meridian::SubscriptionMoved>(&*event)) {
        const auto gap = std::chrono::duration_cast<std::chrono::milliseconds>(moved->gap);
        std::cout << "moved from " << moved->from << " to " << moved->to << ", deaf for " << gap.count() << " ms\n";
      }
    }
    std::cerr << "nothing came\n";
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
  }
  return 1;
}
