#include "simulation/history/faults.hpp"

#include <algorithm>

namespace meridian::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

Faults::Faults(SimulatedWorld& world, const Plan& plan)
    : world_(world), plan_(plan), random_(world.fork_random("faults at work")) {
  for (std::size_t i = 0; i < plan.servers.size(); ++i) {
    const ServerPlan& server = plan.servers[i];
    LinkSettings link;
    link.latency = server.latency;
    link.jitter = server.jitter;
    link.chunk = server.chunk;
    link.send_buffer = server.send_buffer;
    healthy_links_.push_back(link);
    world_.server(i).link().configure(link);
    well_since_.emplace_back(world_.now());
  }
  for (const Fault& fault : plan.faults) schedule(fault);
}

std::optional<TimePoint> Faults::some_well_since() const {
  std::optional<TimePoint> earliest;
  for (const auto& since : well_since_) {
    if (since && (!earliest || *since < *earliest)) earliest = since;
  }
  return earliest;
}

void Faults::schedule(const Fault& fault) {
  world_.after(fault.begins - world_.now(), [this, &fault] { begin(fault); });
  if (fault.kind == FaultKind::client_stall) return;
  if (fault.kind != FaultKind::all_down) {
    world_.after(fault.ends - world_.now(), [this, &fault] { end(fault); });
    return;
  }
  // They return one by one, in any order; the plan leaves two seconds for it.
  for (std::size_t i = 0; i < world_.servers(); ++i) {
    const Duration late = random_.between(Duration(0), Duration(seconds(2)));
    world_.after(fault.ends + late - world_.now(), [this, i] {
      world_.server(i).restart();
      become_well(i);
    });
  }
}

void Faults::begin(const Fault& fault) {
  FakeServer& server = world_.server(fault.server);
  if (fault.kind != FaultKind::client_stall) become_ill(fault.server);
  switch (fault.kind) {
    case FaultKind::kill:
    case FaultKind::loading: return server.kill();
    case FaultKind::hang: return server.hang();
    case FaultKind::cut: return server.link().lose(Loss::both);
    case FaultKind::lose_replies: return server.link().lose(Loss::replies);
    case FaultKind::refuse: return server.link().fail_connects(ConnectFault::refuse);
    case FaultKind::reset_all: return server.link().reset_all();
    case FaultKind::slow: {
      LinkSettings slow = healthy_links_[fault.server];
      slow.latency = random_.between(Duration(milliseconds(20)), Duration(milliseconds(300)));
      slow.jitter = random_.between(Duration(0), Duration(milliseconds(200)));
      slow.bytes_per_second = static_cast<std::uint64_t>(random_.between(500, 50'000));
      slow.send_buffer = static_cast<std::size_t>(random_.between(32, 512));
      return server.link().configure(slow);
    }
    case FaultKind::read_only: return server.set_mode(Mode::readonly);
    case FaultKind::out_of_memory: return server.set_mode(Mode::oom);
    case FaultKind::writes_paused: return server.pause(Pause::writes);
    case FaultKind::flap: return flap(fault.server, fault.ends, false);
    case FaultKind::all_down:
      for (std::size_t i = 0; i < world_.servers(); ++i) {
        world_.server(i).kill();
        become_ill(i);
      }
      return;
    case FaultKind::client_stall:
      world_.stall_client(fault.ends - fault.begins);
      client_runs_since_ = fault.ends;
      return;
  }
}

void Faults::end(const Fault& fault) {
  FakeServer& server = world_.server(fault.server);
  switch (fault.kind) {
    case FaultKind::kill: server.restart(); break;
    case FaultKind::loading:
      // Answers LOADING for a while, and is only well behind it.
      server.restart(loading_time);
      world_.after(loading_time, [this, i = fault.server] { become_well(i); });
      return;
    case FaultKind::hang: server.resume(); break;
    case FaultKind::cut:
    case FaultKind::lose_replies: server.link().lose(Loss::none); break;
    case FaultKind::refuse: server.link().fail_connects(ConnectFault::none); break;
    case FaultKind::slow: server.link().configure(healthy_links_[fault.server]); break;
    case FaultKind::read_only:
    case FaultKind::out_of_memory: server.set_mode(Mode::normal); break;
    case FaultKind::writes_paused: server.pause(Pause::none); break;
    case FaultKind::flap:
      if (server.state() == ProcessState::killed) server.restart();
      break;
    case FaultKind::reset_all:
    case FaultKind::all_down:
    case FaultKind::client_stall: break;
  }
  become_well(fault.server);
}

void Faults::flap(std::size_t server, TimePoint ends, bool up) {
  if (up) world_.server(server).restart();
  else world_.server(server).kill();
  const Duration next = random_.between(Duration(milliseconds(50)), Duration(milliseconds(900)));
  if (world_.now() + next >= ends) return;
  world_.after(next, [this, server, ends, up] { flap(server, ends, !up); });
}

}  // namespace meridian::simulation
