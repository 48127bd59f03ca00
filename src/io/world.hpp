// Everything of the outside world that one client uses, in one place. Production fills it from src/net, the simulator
// from tests/simulation. The parts outlive whoever was given the world.
#pragma once

#include "io/clock.hpp"
#include "io/connector.hpp"
#include "io/errands.hpp"
#include "io/executor.hpp"
#include "io/executors.hpp"
#include "io/loop.hpp"
#include "io/parker.hpp"
#include "io/random.hpp"

namespace meridian::io {

struct World {
  Clock& clock;
  Random& random;
  Loop& loop;           // connections, timers and decisions; nothing here blocks
  Executor& listeners;  // user code: may block, may call the client
  Connector& connector;
  ParkingLot& parking;
  Errands& errands;
  Executors& executors;     // more of those for user code
  unsigned processors = 1;  // that the process may use
};

}  // namespace meridian::io
