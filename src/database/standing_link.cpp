#include "database/standing_link.hpp"

#include <algorithm>
#include <utility>

#include "core/backoff.hpp"

namespace meridian::database {
namespace {

// A connection that lasted so long worked.
constexpr Duration worked = std::chrono::seconds(1);

// faults.md row 25: credentials that were refused are not tried again in a tight loop.
constexpr Backoff refused_credentials{.kind = Backoff::Kind::exponential,
                                      .base = std::chrono::seconds(1),
                                      .cap = std::chrono::seconds(60),
                                      .full_jitter = false};

}  // namespace

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
  if (refusals_ == 0) open();
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
  failed_attempts_ = 0;
  refusals_ = 0;
  link_ = std::move(link);
}

void StandingLink::retire(Duration drain) {
  keeping_ = false;
  failed_attempts_ = 0;
  refusals_ = 0;
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
  // A connection that worked is replaced at once (faults.md row 12). Failures to connect wait, and so do connections
  // that end again and again as soon as they are there (row 13).
  if (end.was_ready && end.lasted >= worked) failed_attempts_ = 0;
  Duration wait = Duration::zero();
  const bool is_refusal = end.code == ErrorCode::authentication_failed || end.code == ErrorCode::invalid_argument;
  refusals_ = is_refusal ? refusals_ + 1 : 0;
  if (++failed_attempts_ > 1 || !end.was_ready) {
    wait = is_refusal ? core::backoff_delay(refused_credentials, refusals_, 1)
                      : core::backoff_delay(spec_.options.reconnect, failed_attempts_, world_.random.uniform());
  }
  timer_->arm(world_.clock.now() + wait, [this] { open(); });
}

void StandingLink::on_link_silent(Link& link, const protocol::OwedSummary& owed) {
  if (link_.get() == &link) owner_.on_standing_silent(*this, owed, link.id());
}

void StandingLink::on_link_heard(Link& link) {
  if (link_.get() == &link) owner_.on_standing_heard(*this);
}

}  // namespace meridian::database
