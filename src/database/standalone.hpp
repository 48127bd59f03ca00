// A database that is one server. One user connection for now; the room for an adaptive set is here.
#pragma once

#include "database/database.hpp"
#include "database/standing_link.hpp"

namespace meridian::database {

class Standalone final : public Database, public StandingLink::Owner {
 public:
  // `gate` may be null: a client of one database has no epochs.
  Standalone(io::World& world, LinkSpec spec, const EpochGate* gate, DatabaseOwner& owner);

  void activate(std::uint64_t epoch) override;
  void recover() override;
  void retire(Duration drain) override;
  [[nodiscard]] bool is_ready() const noexcept override;
  Link& send(protocol::Operation& operation) override;
  void keep_check_connection() override;
  [[nodiscard]] Link* check_connection() const noexcept override;
  [[nodiscard]] std::shared_ptr<Link> open_connection(LinkOwner& owner) override;
  void close() override;

 private:
  void on_standing_ready(StandingLink& which) override;
  void on_standing_lost(StandingLink& which, const LinkEnd& end, LinkId id) override;
  void on_standing_silent(StandingLink& which, const protocol::OwedSummary& owed, LinkId id) override;
  void on_standing_heard(StandingLink& which) override;
  [[nodiscard]] Purpose purpose_of(const StandingLink& which) const noexcept {
    return &which == &user_ ? Purpose::user : Purpose::check;
  }

  bool promote_check_connection();

  io::World& world_;
  const LinkSpec spec_;
  const EpochGate* const gate_;
  DatabaseOwner& owner_;
  LinkId last_id_ = 0;
  StandingLink user_;
  StandingLink check_;
};

}  // namespace meridian::database
