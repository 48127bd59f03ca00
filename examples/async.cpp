// Pipelines, transactions, scans and waiting in coroutines: no thread waits for any of them.
//   async redis://localhost:6379
#include <chrono>
#include <coroutine>
#include <exception>
#include <iostream>
#include <latch>
#include <string>
#include <meridian/meridian.hpp>

using namespace std::chrono_literals;

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

Detached consume(meridian::AsyncClient& client, std::latch& over) {
  try {
    while (auto order = co_await client.blpop("orders", 10s)) {
      if (order->second == "no more") break;
      std::cout << "order: " << order->second << '\n';
    }
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
  }
  over.count_down();
}

Detached produce(meridian::AsyncClient& client, std::latch& over) {
  try {
    // Results are asked for when `execute` is over.
    meridian::AsyncPipeline pipeline = client.pipeline();
    for (int i = 0; i < 100; ++i) pipeline.sadd("customers", "customer " + std::to_string(i));
    auto count = pipeline.scard("customers");
    co_await pipeline.execute();
    std::cout << count.value() << " customers\n";

    // One unit: everything is committed, or nothing is.
    meridian::AsyncTransaction transaction = client.transaction();
    auto number = transaction.incr("order number");
    transaction.rpush("orders", {"a book", "a lamp", "no more"});
    co_await transaction.execute();
    std::cout << "orders placed as number " << number.value() << '\n';

    std::size_t found = 0;
    meridian::AsyncScan<std::string> scan = client.sscan_all("customers", {.match = "customer 9*"});
    while (auto page = co_await scan.next()) found += page->size();
    std::cout << found << " of them begin with a 9\n";
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
  }
  over.count_down();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: async URI\n";
    return 2;
  }
  try {
    meridian::AsyncClient client(argv[1]);
    std::latch over(2);
    consume(client, over);
    produce(client, over);
    over.wait();
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
