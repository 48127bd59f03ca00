// The connections that serve one caller at a time: for blocking commands and watched transactions. Opened when they are
// wanted, kept for a while for the next, at most so many. Lives on the loop.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "database/link.hpp"
#include "database/reconnect_pace.hpp"

namespace meridian::database {

class DedicatedLinks final : public LinkOwner {
 public:
  class Owner {
   public:
    // One more can be taken, or it is time to ask for one again.
    virtual void on_dedicated_ready() = 0;
    virtual void on_dedicated_connected() = 0;
    virtual void on_dedicated_lost(const LinkEnd& end, LinkId id) = 0;
    virtual void on_dedicated_silent(const protocol::OwedSummary& owed, LinkId id) = 0;
    virtual void on_credentials_refused(const std::string& evidence) = 0;

   protected:
    ~Owner() = default;
  };

  DedicatedLinks(io::World& world, const LinkSpec& spec, std::function<LinkId()> next_id, Owner& owner);
  DedicatedLinks(const DedicatedLinks&) = delete;
  DedicatedLinks& operator=(const DedicatedLinks&) = delete;
  ~DedicatedLinks();

  // What is opened from now on belongs to this epoch; see Link::bind.
  void bind(const EpochGate* gate, std::uint64_t epoch) noexcept;

  // One that nobody has, which is the caller's until `give_back`. Null: none; then more are opened, as many as there
  // are callers that wait for one, if there may be more; one at a time after one that could not be.
  [[nodiscard]] std::shared_ptr<Link> take(std::size_t waiting);

  // One that is not clean, because it still owes a reply or watches keys, is closed.
  enum class State { clean, unclean };
  void give_back(const std::shared_ptr<Link>& link, State state);

  // Sends AUTH on all that are open.
  void authenticate_again();

  // FO-4: nothing more is written; what is owed is awaited for `drain`.
  void retire(Duration drain);

  void close();

 private:
  struct Entry {
    std::shared_ptr<Link> link;
    bool taken = false;
    bool used = false;  // since somebody looked last
  };

  void on_link_ready(Link& link) override;
  void on_link_takes_more(Link&) override { owner_.on_dedicated_ready(); }
  void on_link_closed(Link& link, const LinkEnd& end) override;
  void on_link_silent(Link& link, const protocol::OwedSummary& owed) override;
  void on_link_heard(Link&) override { owner_.on_dedicated_ready(); }
  void on_credentials_refused(Link&, const std::string& evidence) override { owner_.on_credentials_refused(evidence); }

  void open(std::size_t wanted);
  void look_after_idle();
  void drop(const std::shared_ptr<Link>& link);

  io::World& world_;
  const LinkSpec& spec_;
  std::function<LinkId()> next_id_;
  Owner& owner_;
  const EpochGate* gate_ = nullptr;
  std::uint64_t epoch_ = 0;
  std::vector<Entry> entries_;
  std::vector<std::shared_ptr<Link>> draining_;
  std::unique_ptr<io::Timer> again_timer_;  // armed: the last attempts failed, none is made before it fires
  std::unique_ptr<io::Timer> idle_timer_;
  bool waiting_to_try_ = false;
  bool watching_idle_ = false;
  ReconnectPace pace_;  // of those that could not be opened, in a row
};

}  // namespace meridian::database
