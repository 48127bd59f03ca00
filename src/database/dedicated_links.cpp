#include "database/dedicated_links.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace meridian::database {
namespace {

// One that nobody wanted for so long is closed.
constexpr Duration unwanted_for = std::chrono::seconds(30);

}  // namespace

DedicatedLinks::DedicatedLinks(io::World& world, const LinkSpec& spec, std::function<LinkId()> next_id, Owner& owner)
    : world_(world),
      spec_(spec),
      next_id_(std::move(next_id)),
      owner_(owner),
      again_timer_(world.loop.make_timer()),
      idle_timer_(world.loop.make_timer()) {}

DedicatedLinks::~DedicatedLinks() { close(); }

void DedicatedLinks::bind(const EpochGate* gate, std::uint64_t epoch) noexcept {
  gate_ = gate;
  epoch_ = epoch;
}

std::shared_ptr<Link> DedicatedLinks::take(std::size_t waiting) {
  // It may owe the answer to a PING of its own, which comes first then.
  const auto free =
      std::find_if(entries_.begin(), entries_.end(), [](const Entry& e) { return !e.taken && e.link->takes_more(); });
  if (free == entries_.end()) {
    open(waiting);
    return nullptr;
  }
  free->taken = true;
  free->used = true;
  return free->link;
}

void DedicatedLinks::open(std::size_t wanted) {
  if (waiting_to_try_) return;
  if (pace_.has_failed()) wanted = std::min<std::size_t>(wanted, 1);
  const auto opening = static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(), [](const Entry& e) { return !e.taken && !e.link->is_ready(); }));
  const auto most = static_cast<std::size_t>(spec_.options.dedicated_connections);
  for (std::size_t i = opening; i < wanted && entries_.size() < most; ++i) {
    entries_.push_back({.link = std::make_shared<Link>(world_, spec_, next_id_(), *this), .used = true});
    entries_.back().link->bind(gate_, epoch_);
  }
  look_after_idle();
}

void DedicatedLinks::give_back(const std::shared_ptr<Link>& link, State state) {
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.link == link; });
  if (entry == entries_.end()) return;  // lost or retired meanwhile
  if (state == State::unclean || !link->is_idle()) {
    drop(link);
  } else {
    entry->taken = false;
  }
  owner_.on_dedicated_ready();
}

void DedicatedLinks::drop(const std::shared_ptr<Link>& link) {
  // Taken out first: the end of a link calls back, and must not find it here.
  std::erase_if(entries_, [&](const Entry& e) { return e.link == link; });
  dispose(world_, link);
}

void DedicatedLinks::authenticate_again() {
  for (const Entry& entry : entries_) entry.link->authenticate_again();
}

void DedicatedLinks::retire(Duration drain) {
  again_timer_->cancel();
  waiting_to_try_ = false;
  pace_.reset();
  for (Entry& entry : std::exchange(entries_, {})) {
    if (entry.link->is_ready() && drain > Duration::zero()) {
      draining_.push_back(std::move(entry.link));
      draining_.back()->retire(drain);
    } else {
      entry.link->retire(Duration::zero());
      dispose(world_, std::move(entry.link));
    }
  }
}

void DedicatedLinks::close() {
  again_timer_->cancel();
  idle_timer_->cancel();
  for (Entry& entry : std::exchange(entries_, {})) dispose(world_, std::move(entry.link));
  for (auto& draining : std::exchange(draining_, {})) dispose(world_, std::move(draining));
}

void DedicatedLinks::on_link_ready(Link&) {
  pace_.reset();
  owner_.on_dedicated_connected();
  owner_.on_dedicated_ready();
}

void DedicatedLinks::on_link_closed(Link& link, const LinkEnd& end) {
  const auto is_it = [&](const std::shared_ptr<Link>& one) { return one.get() == &link; };
  if (const auto drained = std::find_if(draining_.begin(), draining_.end(), is_it); drained != draining_.end()) {
    std::shared_ptr<Link> gone = std::move(*drained);
    draining_.erase(drained);
    dispose(world_, std::move(gone));
    return;
  }
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return is_it(e.link); });
  if (entry == entries_.end()) return;
  std::shared_ptr<Link> gone = std::move(entry->link);
  entries_.erase(entry);
  dispose(world_, std::move(gone));
  // Whoever waits for one asks again when the next may be tried, or at once.
  if (!end.was_ready && !waiting_to_try_) {
    waiting_to_try_ = true;
    const Duration wait = pace_.wait_after(end, spec_.options.reconnect, world_.random);
    again_timer_->arm(world_.clock.now() + wait, [this] {
      waiting_to_try_ = false;
      owner_.on_dedicated_ready();
    });
  }
  owner_.on_dedicated_lost(end, link.id());
  if (end.was_ready) owner_.on_dedicated_ready();
}

void DedicatedLinks::on_link_silent(Link& link, const protocol::OwedSummary& owed) {
  owner_.on_dedicated_silent(owed, link.id());
}

void DedicatedLinks::look_after_idle() {
  if (watching_idle_ || entries_.empty()) return;
  watching_idle_ = true;
  idle_timer_->arm(world_.clock.now() + unwanted_for, [this] {
    watching_idle_ = false;
    std::vector<std::shared_ptr<Link>> unused;
    for (Entry& entry : entries_) {
      if (!std::exchange(entry.used, entry.taken) && !entry.taken) unused.push_back(entry.link);
    }
    for (const auto& link : unused) drop(link);
    look_after_idle();
  });
}

}  // namespace meridian::database
