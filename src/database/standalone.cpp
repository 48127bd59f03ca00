#include "database/standalone.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace meridian::database {
namespace {

// A connection is added when callers that wait have met on the others so often: a chance meeting is not worth one.
constexpr int collisions_per_connection = 64;

// An additional connection is closed when it was not used for so long.
constexpr Duration unused_for = std::chrono::seconds(30);

}  // namespace

Standalone::Standalone(io::World& world, LinkSpec spec, const EpochGate* gate, DatabaseOwner& owner)
    : world_(world),
      spec_(std::move(spec)),
      gate_(gate),
      owner_(owner),
      user_(
          world, spec_, [this] { return ++last_id_; }, *this),
      check_(
          world, spec_, [this] { return ++last_id_; }, *this),
      dedicated_(
          world, spec_, [this] { return ++last_id_; }, *this) {
  watch_credentials();
}

Standalone::~Standalone() { Standalone::close(); }

void Standalone::watch_credentials() {
  if (!spec_.options.credentials) return;
  self_ = std::make_shared<Standalone*>(this);
  watch_ = spec_.options.credentials->watch([&loop = world_.loop, weak = std::weak_ptr(self_)] {
    loop.post([weak] {
      if (const auto self = weak.lock()) (*self)->authenticate_again();
    });
  });
}

void Standalone::authenticate_again() {
  user_.authenticate_again();
  check_.authenticate_again();
  for (const Extra& extra : extras_) extra.link->authenticate_again();
  dedicated_.authenticate_again();
  for (const auto& subscriber : subscribers_) {
    if (const auto link = subscriber.lock()) link->authenticate_again();
  }
}

void Standalone::on_credentials_refused(const std::string& evidence) { owner_.on_credentials_refused(*this, evidence); }

void Standalone::activate(std::uint64_t epoch) {
  epoch_ = epoch;
  user_.bind(gate_, epoch);
  dedicated_.bind(gate_, epoch);
  if (!promote_check_connection()) user_.open();
}

void Standalone::recover() {
  if (user_.ready() == nullptr) promote_check_connection();
}

void Standalone::reconnect() {
  recover();
  user_.open_without_waiting();
}

bool Standalone::promote_check_connection() {
  const Link* standing = check_.ready();
  if (standing == nullptr || standing->is_silent()) return false;
  user_.adopt(check_.release());
  check_.open();
  owner_.on_connected(*this);
  owner_.on_database_ready(*this);
  return true;
}

void Standalone::retire(Duration drain) {
  user_.retire(drain);
  for (const Extra& extra : extras_) extra.link->retire(drain);
  dedicated_.retire(drain);
  extras_pace_.reset();
  no_extra_before_ = {};
}

bool Standalone::is_ready() const noexcept { return is_answering() && !user_.ready()->is_congested(); }

bool Standalone::is_answering() const noexcept {
  const Link* link = user_.ready();
  return link != nullptr && !link->is_silent();
}

Link& Standalone::choose(Choice choice) {
  Link& first = *user_.ready();
  if (choice == Choice::first || first.is_idle()) return first;
  for (Extra& extra : extras_) {
    Link* link = extra.link->ready();
    if (link == nullptr || !link->is_idle()) continue;
    extra.used = true;
    return *link;
  }
  if (++collisions_ >= collisions_per_connection) open_extra();
  return first;
}

void Standalone::open_extra() {
  collisions_ = 0;
  if (world_.clock.now() < no_extra_before_) return;
  // One that was lost is opened again before another is added.
  const auto lost = std::find_if(extras_.begin(), extras_.end(), [](const Extra& e) { return !e.link->is_open(); });
  if (lost != extras_.end()) {
    lost->link->bind(gate_, epoch_);  // what it had may be of before a switch
    return lost->link->open_once();
  }
  if (extras_.size() + 1 >= static_cast<std::size_t>(spec_.options.connections)) return;
  Extra& extra = extras_.emplace_back();
  extra.used = true;
  extra.link = std::make_unique<StandingLink>(
      world_, spec_, [this] { return ++last_id_; }, *this);
  extra.link->bind(gate_, epoch_);
  extra.link->open_once();
  if (extras_.size() > 1) return;
  if (!extras_timer_) extras_timer_ = world_.loop.make_timer();
  look_after_extras();
}

void Standalone::on_extra_lost(const LinkEnd& end) {
  no_extra_before_ = world_.clock.now() + extras_pace_.wait_after(end, spec_.options.reconnect, world_.random);
}

// Those that nobody has used for a while go.
void Standalone::look_after_extras() {
  extras_timer_->arm(world_.clock.now() + unused_for, [this] {
    bool lost_one = false;
    for (Extra& extra : extras_) {
      if (std::exchange(extra.used, false)) continue;
      lost_one = lost_one || extra.link->ready() != nullptr;
      extra.link->retire(spec_.options.command_timeout);
    }
    std::erase_if(extras_, [](const Extra& extra) { return extra.link->is_gone(); });
    if (lost_one) owner_.on_tracking_lost(*this);
    if (!extras_.empty()) look_after_extras();
  });
}

void Standalone::keep_check_connection() { check_.open(); }

Link* Standalone::check_connection() const noexcept {
  if (Link* standing = check_.ready()) return standing;
  // Right after a switch the standing connection has become the user's and a new one is on its way.
  return is_ready() ? user_.ready() : nullptr;
}

std::shared_ptr<Link> Standalone::open_connection(LinkOwner& owner) {
  return std::make_shared<Link>(world_, spec_, ++last_id_, owner);
}

std::shared_ptr<StandingLink> Standalone::make_subscriber_link(StandingLink::Owner& owner) {
  auto link = std::make_shared<StandingLink>(
      world_, spec_, [this] { return ++last_id_; }, owner);
  std::erase_if(subscribers_, [](const auto& subscriber) { return subscriber.expired(); });
  subscribers_.push_back(link);
  return link;
}

void Standalone::close() {
  if (self_) spec_.options.credentials->unwatch(watch_);
  self_.reset();
  if (extras_timer_) extras_timer_->cancel();
  for (const Extra& extra : extras_) extra.link->close();
  dedicated_.close();
  user_.close();
  check_.close();
}

void Standalone::on_dedicated_ready() {
  if (is_ready()) owner_.on_database_takes_more(*this);
}

void Standalone::on_dedicated_lost(const LinkEnd& end, LinkId id) {
  if (!end.intended) owner_.on_connection_lost(*this, Purpose::user, end, id);
}

void Standalone::on_dedicated_silent(const protocol::OwedSummary& owed, LinkId id) {
  owner_.on_silence(*this, Purpose::user, owed, id);
}

void Standalone::on_standing_ready(StandingLink& which) {
  if (purpose_of(which) == Purpose::user) owner_.on_connected(*this);
  if (&which == &user_) owner_.on_database_ready(*this);
}

void Standalone::on_standing_takes_more(StandingLink& which) {
  if (&which == &user_) owner_.on_database_takes_more(*this);
}

void Standalone::on_standing_lost(StandingLink& which, const LinkEnd& end, LinkId id) {
  if (purpose_of(which) == Purpose::user && end.was_ready) owner_.on_tracking_lost(*this);
  const bool is_extra = &which != &user_ && &which != &check_;
  if (is_extra && !end.intended) on_extra_lost(end);
  // DET-5: one more that cannot be had is no trouble while a connection answers.
  if (is_extra && !end.was_ready && is_answering()) return;
  if (!end.intended) owner_.on_connection_lost(*this, purpose_of(which), end, id);
}

void Standalone::on_standing_push(StandingLink& which, ReplyView push) {
  if (purpose_of(which) == Purpose::user) owner_.on_push(*this, push);
}

void Standalone::on_standing_silent(StandingLink& which, const protocol::OwedSummary& owed, LinkId id) {
  owner_.on_silence(*this, purpose_of(which), owed, id);
}

void Standalone::on_standing_heard(StandingLink& which) {
  owner_.on_heard(*this, purpose_of(which));
  // Commands waited while the connection was silent.
  if (&which == &user_) owner_.on_database_ready(*this);
}

}  // namespace meridian::database
