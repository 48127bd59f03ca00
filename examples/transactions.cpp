// Money moves between accounts, whole or not at all, while others move it, too.
//   transactions redis://localhost:6379
#include <iostream>
#include <string>
#include <thread>
#include <vector>
#include <meridian/meridian.hpp>

namespace {

// Takes from one account only what is there: WATCH, a look, a decision, EXEC. Begun again when somebody else was
// faster.
bool move(meridian::Client& client, const std::string& from, const std::string& to, int amount) {
  bool enough = false;
  client.transaction(
      [&](meridian::WatchedTransaction& transaction) {
        enough = std::stoi(transaction.now().get(from).value_or("0")) >= amount;  // runs now
        if (!enough) return;                                                      // and commits nothing
        transaction.decrby(from, amount);                                         // run together at the end
        transaction.incrby(to, amount);
      },
      {from}, {.attempts = 1000});
  return enough;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: transactions URI\n";
    return 2;
  }
  try {
    meridian::Client client(argv[1]);

    // A fixed shape: a Result for each command.
    auto [alice, bob] = client.transaction(meridian::cmd::set("alice", "100"), meridian::cmd::set("bob", "0"));
    if (!alice || !bob) {
      // In doubt means: it may have been committed, and was not tried again.
      std::cerr << (alice ? bob : alice).error().what() << '\n';
      return 1;
    }

    std::vector<std::thread> movers;
    movers.reserve(4);
    for (int i = 0; i < 4; ++i) {
      movers.emplace_back([&client] {
        try {
          while (move(client, "alice", "bob", 7)) {
          }
        } catch (const meridian::Error& error) {
          // transaction_aborted: the connection was lost or the client switched to another database; nothing was
          // committed, and the whole may be begun again.
          std::cerr << error.what() << '\n';
        }
      });
    }
    for (std::thread& mover : movers) mover.join();

    // As many commands as you like.
    meridian::Transaction look = client.transaction();
    auto left = look.get("alice");
    auto moved = look.get("bob");
    if (auto outcome = look.execute(); !outcome) throw outcome.error();
    std::cout << "alice has " << *left.value() << ", bob has " << *moved.value() << '\n';
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
