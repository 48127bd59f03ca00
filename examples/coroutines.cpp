// Coroutines over one client: many calls under way at once, no thread waits for any of them.
//   coroutines redis://localhost:6379
#include <coroutine>
#include <exception>
#include <iostream>
#include <latch>
#include <string>
#include <meridian/meridian.hpp>

namespace {

// The smallest coroutine type that runs by itself. Real programs use that of their framework.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

Detached visit(meridian::AsyncClient& client, int visitor, std::latch& all) {
  const std::string key = "visitor:" + std::to_string(visitor);
  try {
    co_await client.set(key, "hello");                                           // throws meridian::Error
    const auto greeting = co_await client.get(key);                              // the value
    const auto visits = co_await client.execute(meridian::cmd::incr("visits"));  // Result: never throws
    if (!visits && visits.error().delivery() == meridian::Delivery::in_doubt) {
      std::cerr << "it may have run: " << visits.error().what() << '\n';
    }
    if (visitor == 0) std::cout << greeting.value_or("(nothing)") << '\n';
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
  }
  all.count_down();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: coroutines URI\n";
    return 2;
  }
  try {
    constexpr int visitors = 100;
    std::latch all(visitors);
    meridian::AsyncClient client(argv[1]);
    for (int visitor = 0; visitor < visitors; ++visitor) visit(client, visitor, all);
    all.wait();
    std::cout << client.futures().get("visits").get().value_or("0") << " visits\n";  // a future, outside coroutines
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
