#include "database/standalone.hpp"

#include <utility>

namespace meridian::database {

Standalone::Standalone(io::World& world, LinkSpec spec, const EpochGate* gate, DatabaseOwner& owner)
    : world_(world),
      spec_(std::move(spec)),
      gate_(gate),
      owner_(owner),
      user_(
          world, spec_, [this] { return ++last_id_; }, *this),
      check_(
          world, spec_, [this] { return ++last_id_; }, *this) {}

void Standalone::activate(std::uint64_t epoch) {
  user_.bind(gate_, epoch);
  if (!promote_check_connection()) user_.open();
}

void Standalone::recover() {
  if (user_.ready() == nullptr) promote_check_connection();
}

bool Standalone::promote_check_connection() {
  const Link* standing = check_.ready();
  if (standing == nullptr || standing->is_silent()) return false;
  user_.adopt(check_.release());
  check_.open();
  owner_.on_database_ready(*this);
  return true;
}

void Standalone::retire(Duration drain) { user_.retire(drain); }

bool Standalone::is_ready() const noexcept {
  const Link* link = user_.ready();
  return link != nullptr && !link->is_silent() && !link->is_congested();
}

Link& Standalone::send(protocol::Operation& operation) {
  Link& link = *user_.ready();
  link.enqueue(operation);
  return link;
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

void Standalone::close() {
  user_.close();
  check_.close();
}

void Standalone::on_standing_ready(StandingLink& which) {
  if (&which == &user_) owner_.on_database_ready(*this);
}

void Standalone::on_standing_lost(StandingLink& which, const LinkEnd& end, LinkId id) {
  if (!end.intended) owner_.on_connection_lost(*this, purpose_of(which), end, id);
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
