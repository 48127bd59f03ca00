// Everything that one simulated history happens in: a pure function of a seed and of what the test does.
//
//   SimulatedWorld world(seed);
//   FakeServer& east = world.add_server("east");
//   world.after(1s, [&] { east.kill(); });
//   … make a client on world.io(), call it; park() runs the virtual time …
//   world.run_for(10s);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "io/world.hpp"
#include "simulation/world/fake_server.hpp"
#include "simulation/world/network.hpp"
#include "simulation/world/random.hpp"
#include "simulation/world/scheduler.hpp"

namespace meridian::simulation {

class SimulatedWorld {
 public:
  explicit SimulatedWorld(std::uint64_t seed);
  SimulatedWorld(const SimulatedWorld&) = delete;
  SimulatedWorld& operator=(const SimulatedWorld&) = delete;
  // Drops what is queued. Destroy the clients first.
  ~SimulatedWorld();

  // What a client is given.
  [[nodiscard]] io::World& io() noexcept { return io_; }

  // A server at "<name>.sim:6379".
  FakeServer& add_server(std::string_view name);
  [[nodiscard]] FakeServer& server(std::size_t index) { return *servers_.at(index); }
  [[nodiscard]] std::size_t servers() const noexcept { return servers_.size(); }

  [[nodiscard]] Scheduler& scheduler() noexcept { return scheduler_; }
  [[nodiscard]] Network& network() noexcept { return network_; }

  // Every data command that any server ran, in the order of execution.
  [[nodiscard]] const OperationLog& operations() const noexcept { return operations_; }

  // A stream of randomness for the test's own choices.
  [[nodiscard]] RandomStream fork_random(std::string_view name) const noexcept { return random_.fork(name); }

  [[nodiscard]] TimePoint now() const noexcept { return scheduler_.now(); }
  [[nodiscard]] Duration elapsed() const noexcept { return now() - Scheduler::start; }

  // Runs `task` as an event of the world: a fault, a look. It may call the client.
  EventId after(Duration delay, io::Task task) { return scheduler_.after(delay, std::move(task)); }

  void run_for(Duration duration) { scheduler_.run_until(now() + duration); }

  // Runs until `condition` holds, looking after every event; false if it still does not after `limit`.
  [[nodiscard]] bool run_until(const std::function<bool()>& condition, Duration limit);

  // The client process stands still (see Scheduler::stall).
  void stall_client(Duration duration) { scheduler_.stall(duration); }

 private:
  RandomStream random_;
  RandomStream client_random_;
  Scheduler scheduler_;
  Network network_;
  class Errands final : public io::Errands {
   public:
    explicit Errands(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}
    [[nodiscard]] bool run(std::function<io::Task()> work) override {
      scheduler_.at(
          scheduler_.now(), [this, work = std::move(work)] { scheduler_.loop().post(work()); }, Lane::world);
      return true;
    }

   private:
    Scheduler& scheduler_;
  };
  // User code takes no virtual time, and may be held up like any listener.
  class Executors final : public io::Executors {
   public:
    explicit Executors(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}
    [[nodiscard]] std::unique_ptr<io::Executor> make() override { return std::make_unique<One>(scheduler_); }

   private:
    class One final : public io::Executor {
     public:
      explicit One(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}
      void post(io::Task task) override {
        scheduler_.listeners().post([task = std::move(task), alive = std::weak_ptr<bool>(alive_)] {
          if (!alive.expired()) task();
        });
      }
      [[nodiscard]] bool inside() const noexcept override { return scheduler_.listeners().inside(); }
      [[nodiscard]] std::unique_ptr<io::Timer> make_timer() override { return scheduler_.listeners().make_timer(); }

     private:
      Scheduler& scheduler_;
      std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    };
    Scheduler& scheduler_;
  };
  Errands errands_{scheduler_};
  Executors executors_{scheduler_};
  OperationLog operations_;
  std::vector<std::unique_ptr<FakeServer>> servers_;
  io::World io_;
};

}  // namespace meridian::simulation
