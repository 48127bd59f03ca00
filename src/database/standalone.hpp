// A database that is one server. Its first user connection is kept; more are opened while several callers are in each
// other's way on it, and closed when they are not used any more. Callers that need one of their own get it.
#pragma once

#include <memory>
#include <vector>

#include "database/database.hpp"
#include "database/standing_link.hpp"

namespace meridian::database {

class Standalone final : public Database, public StandingLink::Owner, public DedicatedLinks::Owner {
 public:
  // `gate` may be null: a client of one database has no epochs.
  Standalone(io::World& world, LinkSpec spec, const EpochGate* gate, DatabaseOwner& owner);
  Standalone(const Standalone&) = delete;
  Standalone& operator=(const Standalone&) = delete;
  ~Standalone() override;

  void activate(std::uint64_t epoch) override;
  void recover() override;
  void reconnect() override;
  void set_silent_after(Duration longest) override { spec_.silent_after = longest; }
  void retire(Duration drain) override;
  [[nodiscard]] bool is_ready() const noexcept override;
  [[nodiscard]] Link& choose(Choice choice) override;
  [[nodiscard]] std::shared_ptr<Link> take_dedicated(std::size_t waiting) override { return dedicated_.take(waiting); }
  void give_back(const std::shared_ptr<Link>& link, DedicatedLinks::State state) override {
    dedicated_.give_back(link, state);
  }
  void keep_check_connection() override;
  [[nodiscard]] Link* check_connection() const noexcept override;
  [[nodiscard]] std::shared_ptr<Link> open_connection(LinkOwner& owner) override;
  [[nodiscard]] std::shared_ptr<StandingLink> make_subscriber_link(StandingLink::Owner& owner) override;
  void close() override;

 private:
  void on_standing_ready(StandingLink& which) override;
  void on_standing_takes_more(StandingLink& which) override;
  void on_standing_lost(StandingLink& which, const LinkEnd& end, LinkId id) override;
  void on_standing_silent(StandingLink& which, const protocol::OwedSummary& owed, LinkId id) override;
  void on_standing_heard(StandingLink& which) override;
  void on_standing_push(StandingLink& which, ReplyView push) override;
  void on_dedicated_ready() override;
  void on_dedicated_connected() override { owner_.on_connected(*this); }
  void on_dedicated_lost(const LinkEnd& end, LinkId id) override;
  void on_dedicated_silent(const protocol::OwedSummary& owed, LinkId id) override;
  void on_credentials_refused(const std::string& evidence) override;
  [[nodiscard]] Purpose purpose_of(const StandingLink& which) const noexcept {
    return &which == &check_ ? Purpose::check : Purpose::user;
  }

  void watch_credentials();
  void authenticate_again();
  bool promote_check_connection();
  [[nodiscard]] bool is_answering() const noexcept;
  void open_extra();
  void on_extra_lost(const LinkEnd& end);
  void look_after_extras();

  // A user connection beside the first. Lost, it is opened again only when it is wanted again, and not at once if that
  // was in vain: the database may be well without it.
  struct Extra {
    std::unique_ptr<StandingLink> link;
    bool used = false;  // since somebody looked last
  };

  io::World& world_;
  LinkSpec spec_;
  const EpochGate* const gate_;
  DatabaseOwner& owner_;
  LinkId last_id_ = 0;
  StandingLink user_;
  StandingLink check_;
  DedicatedLinks dedicated_;
  std::vector<std::weak_ptr<StandingLink>> subscribers_;  // theirs, who are told of new credentials
  std::vector<Extra> extras_;
  int collisions_ = 0;  // times that no connection was idle, since the last was opened
  ReconnectPace extras_pace_;
  TimePoint no_extra_before_{};
  std::uint64_t epoch_ = 0;
  std::unique_ptr<io::Timer> extras_timer_;
  std::shared_ptr<Standalone*> self_;  // for tasks that may come when this is gone
  std::uint64_t watch_ = 0;
};

}  // namespace meridian::database
