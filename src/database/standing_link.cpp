#include "database/standing_link.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace meridian::database {
StandingLink::StandingLink(io::World& world, const LinkSpec& spec, std::function<LinkId()> next_id, Owner& owner)
    : world_(world), spec_(spec), next_id_(std::move(next_id)), owner_(owner), timer_(world.loop.make_timer()) {}

StandingLink::~StandingLink() { close(); }

void StandingLink::bind(const EpochGate* gate, std::uint64_t epoch) noexcept {
  gate_ = gate;
  epoch_ = epoch;
}

void StandingLink::open() {
  keeping_ = true;
  if (link_) return;
  timer_->cancel();
  link_ = std::make_shared<Link>(world_, spec_, next_id_(), *this);
  link_->bind(gate_, epoch_);
}

void StandingLink::open_without_waiting() {
  const TimePoint now = world_.clock.now();
  if (link_ || pace_.was_refused() || (keeping_ && now < next_hurry_)) return;
  next_hurry_ = now + std::chrono::seconds(1);
  open();
}

void StandingLink::open_once() {
  open();
  keeping_ = false;
}

std::shared_ptr<Link> StandingLink::release() {
  std::shared_ptr<Link> link = std::move(link_);
  return link;
}

void StandingLink::adopt(std::shared_ptr<Link> link) {
  keeping_ = true;
  timer_->cancel();
  dispose(world_, std::move(link_));
  link->set_owner(*this);
  link->bind(gate_, epoch_);
  pace_.reset();
  link_ = std::move(link);
}

void StandingLink::retire(Duration drain) {
  keeping_ = false;
  pace_.reset();
  timer_->cancel();
  if (!link_) return;
  // Moved out first: the end of a link calls back, and must not find it here.
  std::shared_ptr<Link> link = std::move(link_);
  if (link->is_ready() && drain > Duration::zero()) {
    draining_.push_back(std::move(link));
    draining_.back()->retire(drain);
    return;
  }
  link->retire(Duration::zero());
  dispose(world_, std::move(link));
}

void StandingLink::close() {
  keeping_ = false;
  timer_->cancel();
  dispose(world_, std::move(link_));
  for (auto& draining : std::exchange(draining_, {})) dispose(world_, std::move(draining));
}

void StandingLink::on_link_ready(Link&) { owner_.on_standing_ready(*this); }

void StandingLink::on_link_takes_more(Link& link) {
  if (link_.get() == &link) owner_.on_standing_takes_more(*this);
}

void StandingLink::on_link_closed(Link& link, const LinkEnd& end) {
  const auto drained =
      std::find_if(draining_.begin(), draining_.end(), [&](const auto& d) { return d.get() == &link; });
  if (drained != draining_.end()) {
    std::shared_ptr<Link> gone = std::move(*drained);
    draining_.erase(drained);
    dispose(world_, std::move(gone));
    return;
  }
  if (link_.get() != &link) return;  // released or retired; whoever holds it disposes of it
  dispose(world_, std::move(link_));
  if (keeping_) open_later(end);
  owner_.on_standing_lost(*this, end, link.id());
}

void StandingLink::open_later(const LinkEnd& end) {
  const Duration wait = pace_.wait_after(end, spec_.options.reconnect, world_.random);
  timer_->arm(world_.clock.now() + wait, [this] { open(); });
}

void StandingLink::on_link_silent(Link& link, const protocol::OwedSummary& owed) {
  if (link_.get() == &link) owner_.on_standing_silent(*this, owed, link.id());
}

void StandingLink::on_link_heard(Link& link) {
  if (link_.get() == &link) owner_.on_standing_heard(*this);
}

}  // namespace meridian::database
