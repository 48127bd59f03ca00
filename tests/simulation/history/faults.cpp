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

void Faults::schedule(const Fault& fault) {
  world_.after(fault.begins - world_.now(), [this, &fault] { begin(fault); });
  if (fault.kind == FaultKind::client_stall) return;
  if (fault.kind == FaultKind::all_flap) {
    for (std::size_t i = 0; i < world_.servers(); ++i) {
      world_.after(fault.ends - world_.now(), [this, i] {
        if (world_.server(i).state() == ProcessState::killed) world_.server(i).restart();
        become_well(i);
      });
    }
    return;
  }
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
    case FaultKind::lose_requests: return server.link().lose(Loss::requests);
    case FaultKind::lose_replies: return server.link().lose(Loss::replies);
    case FaultKind::refuse: return server.link().fail_connects(ConnectFault::refuse);
    case FaultKind::unreachable: return cut_off(fault.server, ConnectFault::unreachable);
    case FaultKind::no_name: return cut_off(fault.server, ConnectFault::no_name);
    case FaultKind::no_answer: return cut_off(fault.server, ConnectFault::no_answer);
    case FaultKind::reset_all: return server.link().reset_all();
    case FaultKind::resets: return reset_again(fault.server, fault.ends);
    case FaultKind::closes:
      server.set_welcome(random_.chance(0.5) ? Welcome::close : Welcome::reset);
      return server.link().reset_all();
    case FaultKind::says_nothing: return server.set_welcome(Welcome::silence);
    case FaultKind::full: return be_full(fault.server);
    case FaultKind::slow: return be_slow(fault.server);
    case FaultKind::loss: return lose_segments(fault.server);
    case FaultKind::busy: return server.set_mode(Mode::busy);
    case FaultKind::master_down: return server.set_mode(Mode::masterdown);
    case FaultKind::read_only: return server.set_mode(Mode::readonly);
    case FaultKind::out_of_memory: return server.set_mode(Mode::oom);
    case FaultKind::misconfigured: return server.set_mode(Mode::misconf);
    case FaultKind::no_replicas: return server.set_mode(Mode::noreplicas);
    case FaultKind::paused: return server.pause(Pause::everything);
    case FaultKind::writes_paused: return server.pause(Pause::writes);
    case FaultKind::password: server.set_password("another"); return server.link().reset_all();
    case FaultKind::garbage:
    case FaultKind::cut_replies: return misbehave(fault.server, fault.kind);
    case FaultKind::flap: return flap(fault.server, fault.ends, false);
    case FaultKind::all_flap:
      for (std::size_t i = 0; i < world_.servers(); ++i) {
        become_ill(i);
        flap(i, fault.ends, false);
      }
      return;
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
    case FaultKind::lose_requests:
    case FaultKind::lose_replies: server.link().lose(Loss::none); break;
    case FaultKind::refuse:
    case FaultKind::unreachable:
    case FaultKind::no_name:
    case FaultKind::no_answer: server.link().fail_connects(ConnectFault::none); break;
    case FaultKind::slow:
    case FaultKind::loss: server.link().configure(healthy_links_[fault.server]); break;
    case FaultKind::closes:
    case FaultKind::says_nothing:
      server.set_welcome(Welcome::serve);
      server.link().reset_all();  // those that were welcomed so
      break;
    case FaultKind::full: server.set_max_clients(10'000); break;
    case FaultKind::busy:
    case FaultKind::master_down:
    case FaultKind::read_only:
    case FaultKind::out_of_memory:
    case FaultKind::misconfigured:
    case FaultKind::no_replicas: server.set_mode(Mode::normal); break;
    case FaultKind::paused:
    case FaultKind::writes_paused: server.pause(Pause::none); break;
    case FaultKind::password: {
      server.set_password(std::nullopt);
      const Duration again = fault.ends - fault.begins + Duration(seconds(2));
      world_.after(again, [this, i = fault.server] { become_well(i); });
      return;
    }
    case FaultKind::flap:
      if (server.state() == ProcessState::killed) server.restart();
      break;
    case FaultKind::garbage:
    case FaultKind::cut_replies:
      server.behave();
      server.link().reset_all();  // some are silent for ever
      break;
    case FaultKind::reset_all:
    case FaultKind::resets:
    case FaultKind::all_flap:
    case FaultKind::all_down:
    case FaultKind::client_stall: break;
  }
  become_well(fault.server);
}

void Faults::cut_off(std::size_t server, ConnectFault meets) {
  world_.server(server).link().fail_connects(meets);
  world_.server(server).link().reset_all();
}

void Faults::reset_again(std::size_t server, TimePoint ends) {
  world_.server(server).link().reset_all();
  const Duration next = random_.between(Duration(milliseconds(150)), Duration(milliseconds(250)));
  if (world_.now() + next >= ends) return;
  world_.after(next, [this, server, ends] { reset_again(server, ends); });
}

void Faults::be_full(std::size_t index) {
  FakeServer& server = world_.server(index);
  for (const ConnectionId connection : server.link().open_connections()) {
    if (random_.chance(0.5)) server.close_client(connection);
  }
  server.set_max_clients(server.clients());
}

void Faults::be_slow(std::size_t server) {
  LinkSettings slow = healthy_links_[server];
  slow.latency = random_.between(Duration(milliseconds(20)), Duration(milliseconds(300)));
  slow.jitter = random_.between(Duration(0), Duration(milliseconds(200)));
  slow.bytes_per_second = static_cast<std::uint64_t>(random_.between(500, 50'000));
  slow.send_buffer = static_cast<std::size_t>(random_.between(32, 512));
  world_.server(server).link().configure(slow);
}

void Faults::lose_segments(std::size_t server) {
  LinkSettings lossy = healthy_links_[server];
  lossy.loss_rate = random_.chance(0.5) ? 0.01 + 0.05 * random_.uniform() : 0.3 * random_.uniform();
  world_.server(server).link().configure(lossy);
}

// The command itself has run, and only its reply is no reply: each of them ends a connection.
void Faults::misbehave(std::size_t server, FaultKind kind) {
  const auto times = static_cast<int>(random_.between(1, 10));
  Misbehaviour how = Misbehaviour::garbage;
  if (kind == FaultKind::cut_replies) {
    how = random_.chance(0.5) ? Misbehaviour::cut_then_close : Misbehaviour::cut_then_silence;
  }
  world_.server(server).misbehave(how, times, random_.chance(0.5) ? "GET" : "INCR");
}

void Faults::flap(std::size_t server, TimePoint ends, bool up) {
  if (up) world_.server(server).restart();
  else world_.server(server).kill();
  const Duration next = random_.between(Duration(milliseconds(50)), Duration(milliseconds(900)));
  if (world_.now() + next >= ends) return;
  world_.after(next, [this, server, ends, up] { flap(server, ends, !up); });
}

}  // namespace meridian::simulation
