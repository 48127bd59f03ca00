// One connection of one subscriber to one database. Keeps it open once something is wished for, asks for all of that on
// each new connection, and knows what is confirmed. Lives on the loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <meridian/subscriber.hpp>

#include "database/database.hpp"

namespace meridian::client {

inline constexpr std::array channel_kinds{ChannelKind::channel, ChannelKind::pattern, ChannelKind::shard};

class SubscriptionFeed final : private database::StandingLink::Owner {
 public:
  // What the subscriber is told. It must not destroy the feed inside.
  class Owner {
   public:
    virtual void on_feed_message(SubscriptionFeed& feed, Message message) = 0;
    // Something was confirmed, refused, or is not wished for any more.
    virtual void on_feed_changed(SubscriptionFeed& feed) = 0;
    virtual void on_feed_refused(SubscriptionFeed& feed, SubscriptionRefused refused) = 0;
    // The connection is lost. `good_until`: as Link::good_until, if something had been confirmed.
    virtual void on_feed_lost(SubscriptionFeed& feed, std::optional<TimePoint> good_until) = 0;

   protected:
    ~Owner() = default;
  };

  // `report`: who is told of the connection's troubles.
  SubscriptionFeed(database::Database& database, database::DatabaseOwner& report, Owner& owner);
  SubscriptionFeed(const SubscriptionFeed&) = delete;
  SubscriptionFeed& operator=(const SubscriptionFeed&) = delete;
  ~SubscriptionFeed();

  // It serves the active database, and under which epoch; else it only stands by.
  void set_purpose(database::Purpose purpose) noexcept { purpose_ = purpose; }
  void bind(const database::EpochGate* gate, std::uint64_t epoch) noexcept { link_->bind(gate, epoch); }

  // Wishes, whether or not there is a connection. REQUIRES: no name twice, none wished for already.
  void subscribe(ChannelKind kind, std::vector<std::string> names);
  void unsubscribe(ChannelKind kind, std::vector<std::string> names);

  // A lost connection is made again now, if there is something to wish for.
  void open_now();

  // Reads what has arrived; the last moment of which that is sure; nothing if nothing was confirmed.
  [[nodiscard]] std::optional<TimePoint> look();

  // Ends the connection. Nothing is told any more.
  void retire();

  // Every wish is confirmed or refused.
  [[nodiscard]] bool is_complete() const noexcept { return missing_ == 0; }
  [[nodiscard]] std::size_t missing() const noexcept { return missing_; }
  [[nodiscard]] std::size_t confirmed() const noexcept { return confirmed_; }

 private:
  using Wish = detail::Subscription::Wish;
  class Request;

  enum class Standing : std::uint8_t { open, confirmed, refused };
  struct Name {
    bool wanted = false;
    Standing standing = Standing::open;
    std::uint32_t on_the_way = 0;  // requests that concern it and are not answered
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };
  using Names = std::unordered_map<std::string, Name, Hash, std::equal_to<>>;

  void on_standing_ready(database::StandingLink& which) override;
  void on_standing_lost(database::StandingLink& which, const database::LinkEnd& end, database::LinkId id) override;
  void on_standing_silent(database::StandingLink& which, const protocol::OwedSummary& owed,
                          database::LinkId id) override;
  void on_standing_heard(database::StandingLink& which) override;
  void on_credentials_refused(const std::string& evidence) override;
  void on_standing_push(database::StandingLink& which, ReplyView push) override;

  void on_answer(Wish wish, ChannelKind kind, const std::string& name);
  void on_refused(Wish wish, ChannelKind kind, const std::vector<std::string>& names, const std::string& text);
  void on_wrong_answer();

  void send(Wish wish, ChannelKind kind, std::vector<std::string> names);
  void send_in_parts(Wish wish, ChannelKind kind, std::vector<std::string> names);
  void forget_connection();
  void count(const Name& name, bool in) noexcept;
  [[nodiscard]] Names& names(ChannelKind kind) noexcept { return names_[static_cast<std::size_t>(kind)]; }

  database::Database& database_;
  database::DatabaseOwner& report_;
  Owner& owner_;
  database::Purpose purpose_ = database::Purpose::subscriber;
  std::array<Names, channel_kinds.size()> names_;
  std::size_t missing_ = 0;    // wanted, and neither confirmed nor refused
  std::size_t confirmed_ = 0;  // wanted and confirmed
  bool asking_ = false;        // there is a connection, and it was asked for everything
  std::shared_ptr<database::StandingLink> link_;
};

}  // namespace meridian::client
