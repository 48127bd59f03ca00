// The parts of the real world, in the order of their lives.
#include "net/runtime.hpp"

#include <utility>

#include "net/connector.hpp"
#include "net/errands.hpp"
#include "net/executors.hpp"
#include "net/listener_thread.hpp"
#include "net/loop.hpp"
#include "net/parking.hpp"
#include "net/processors.hpp"
#include "net/seeded_random.hpp"
#include "net/steady_clock.hpp"

namespace meridian::net {

struct Runtime::Parts {
  explicit Parts(std::shared_ptr<IoThread> thread) : loop(std::move(thread)) {}

  SteadyClock clock;
  SeededRandom random;
  ParkingLot parking;
  Loop loop;
  Connector connector{loop};
  Errands errands{loop};
  ListenerThread listeners;
  Executors executors;
  io::World world{clock, random, loop, listeners, connector, parking, errands, executors, processor_count()};
};

Runtime::Runtime(std::shared_ptr<IoThread> thread) : parts_(std::make_unique<Parts>(std::move(thread))) {}

Runtime::~Runtime() { stop(); }

io::World& Runtime::world() noexcept { return parts_->world; }

void Runtime::stop() {
  // Listeners first: the one that is running may be waiting for an answer that only the loop can bring. The loop before
  // the connector, which is destroyed when nothing uses it any more.
  parts_->listeners.stop();
  parts_->loop.stop();
}

}  // namespace meridian::net
