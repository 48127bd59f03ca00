// A connection that is kept: opened, opened again when it is lost (jittered backoff, for ever), given away whole when a
// switch wants it. Lives on the loop.
#pragma once

#include <functional>
#include <memory>

#include "database/link.hpp"
#include "database/reconnect_pace.hpp"

namespace meridian::database {

class StandingLink final : public LinkOwner {
 public:
  // What the keeper is told; the link itself is handed on.
  class Owner {
   public:
    virtual void on_standing_ready(StandingLink& which) = 0;
    virtual void on_standing_lost(StandingLink& which, const LinkEnd& end, LinkId id) = 0;
    virtual void on_standing_silent(StandingLink& which, const protocol::OwedSummary& owed, LinkId id) = 0;
    virtual void on_standing_heard(StandingLink& which) = 0;
    virtual void on_credentials_refused(const std::string& evidence) = 0;
    // Its congestion is over.
    virtual void on_standing_takes_more(StandingLink& which) { static_cast<void>(which); }
    virtual void on_standing_push(StandingLink& which, ReplyView push) {
      static_cast<void>(which);
      static_cast<void>(push);
    }

   protected:
    ~Owner() = default;
  };

  StandingLink(io::World& world, const LinkSpec& spec, std::function<LinkId()> next_id, Owner& owner);
  StandingLink(const StandingLink&) = delete;
  StandingLink& operator=(const StandingLink&) = delete;
  ~StandingLink();

  // Each new connection is bound to these; see Link::bind.
  void bind(const EpochGate* gate, std::uint64_t epoch) noexcept;

  // Opens it now, if it is not open or opening: at the start, and whenever somebody needs it before the backoff ends.
  void open();
  // The same for one that may be waiting for its next attempt, unless that is because credentials were refused
  // (faults.md, row 25). Once a second at most: what it hears of may itself come of its own failures.
  void open_without_waiting();

  // The same, but once: it is not opened again by itself when it is lost.
  void open_once();
  [[nodiscard]] bool is_open() const noexcept { return link_ != nullptr; }

  // Nothing is open or draining.
  [[nodiscard]] bool is_gone() const noexcept { return link_ == nullptr && draining_.empty(); }

  // The link, if it can carry operations now; else null.
  [[nodiscard]] Link* ready() const noexcept { return link_ && link_->is_ready() ? link_.get() : nullptr; }

  // As Link::authenticate_again.
  void authenticate_again() {
    if (link_) link_->authenticate_again();
  }

  // Gives the ready link away and forgets it. REQUIRES: ready().
  [[nodiscard]] std::shared_ptr<Link> release();

  // Takes a ready link over, instead of whatever was here.
  void adopt(std::shared_ptr<Link> link);

  // Nothing is opened any more. What is open drains (FO-4) and closes.
  void retire(Duration drain);

  // Nothing is opened any more, and what is open ends now with `ErrorCode::closed`.
  void close();

 private:
  void on_link_ready(Link& link) override;
  void on_link_takes_more(Link& link) override;
  void on_link_closed(Link& link, const LinkEnd& end) override;
  void on_link_silent(Link& link, const protocol::OwedSummary& owed) override;
  void on_link_heard(Link& link) override;
  void on_credentials_refused(Link&, const std::string& evidence) override { owner_.on_credentials_refused(evidence); }
  void on_link_push(Link& link, ReplyView push) override {
    if (link_.get() == &link) owner_.on_standing_push(*this, push);
  }
  void open_later(const LinkEnd& end);

  io::World& world_;
  const LinkSpec& spec_;
  std::function<LinkId()> next_id_;
  Owner& owner_;
  const EpochGate* gate_ = nullptr;
  std::uint64_t epoch_ = 0;
  std::shared_ptr<Link> link_;
  std::vector<std::shared_ptr<Link>> draining_;
  std::unique_ptr<io::Timer> timer_;
  ReconnectPace pace_;
  TimePoint next_hurry_{};
  bool keeping_ = false;
};

}  // namespace meridian::database
