// One logical database as the floors above see it: something that carries user commands while it is active, and answers
// checks and probes at any time. Standalone servers are one kind; Sentinel and Cluster come later. Lives on the loop.
#pragma once

#include <cstdint>
#include <memory>

#include "database/dedicated_links.hpp"
#include "database/link.hpp"
#include "database/standing_link.hpp"

namespace meridian::database {

class Database;

// Which connection a command takes. `first`: always the same, so that what one caller asks for without waiting keeps
// its order, and many callers share each write and read. `idle`: one of its own, if there is one: for few callers that
// wait.
enum class Choice { first, idle };

// What a connection carries: user commands, the subscriptions of one subscriber, or checks and probes.
enum class Purpose { user, subscriber, check };

// What a database tells the one who decides.
class DatabaseOwner {
 public:
  // User commands can be sent now: somebody is there (again).
  virtual void on_database_ready(Database& database) = 0;

  // More user commands can be sent than a moment ago: congestion is over, or a caller can have a connection of its own.
  // It says nothing new about the server.
  virtual void on_database_takes_more(Database& database) = 0;

  // A connection for user commands was made. One call per connection, as with `on_connection_lost`.
  virtual void on_connected(Database& database) = 0;

  // A connection was lost, or could not be made. One call per connection, however many commands it carried (DET-4).
  virtual void on_connection_lost(Database& database, Purpose purpose, const LinkEnd& end, LinkId id) = 0;

  // DET-5: replies are owed and nothing comes.
  virtual void on_silence(Database& database, Purpose purpose, const protocol::OwedSummary& owed, LinkId id) = 0;

  // A provider's new credentials were refused; open connections stay who they were.
  virtual void on_credentials_refused(Database& database, const std::string& evidence) = 0;

  // The server says something by itself on a connection for user commands.
  virtual void on_push(Database& database, ReplyView push) = 0;

  // A connection for user commands is gone: nobody tells any more when what was read on it changes.
  virtual void on_tracking_lost(Database& database) = 0;

  // Bytes came after a silence.
  virtual void on_heard(Database& database, Purpose purpose) = 0;

 protected:
  ~DatabaseOwner() = default;
};

class Database {
 public:
  virtual ~Database() = default;

  // --- User commands.

  // Opens what user commands need, under `epoch`. A standing check connection that is ready becomes the first user
  // connection, so that the first reply after a switch takes one round trip.
  virtual void activate(std::uint64_t epoch) = 0;

  // A suspicion was cleared: somebody is there. If the user connection is lost, the standing check connection takes its
  // place at once instead of waiting for a reconnect. REQUIRES: active.
  virtual void recover() = 0;

  // A trial of it has passed: the next attempt to connect is made now. REQUIRES: active.
  virtual void reconnect() = 0;

  // How long a connection may owe replies before it is silent, from now on.
  virtual void set_silent_after(Duration longest) = 0;

  // FO-4: user connections stop writing now; what they owe is awaited for `drain`.
  virtual void retire(Duration drain) = 0;

  // A user command could be sent now: a connection is ready and not silent.
  [[nodiscard]] virtual bool is_ready() const noexcept = 0;

  // The connection that a command should take. REQUIRES: is_ready().
  [[nodiscard]] virtual Link& choose(Choice choice) = 0;

  // A connection of the caller's own, until `give_back`. Null: none is free; `on_database_takes_more` tells when
  // to ask again. `waiting`: how many callers want one. REQUIRES: active.
  [[nodiscard]] virtual std::shared_ptr<Link> take_dedicated(std::size_t waiting) = 0;
  virtual void give_back(const std::shared_ptr<Link>& link, DedicatedLinks::State state) = 0;

  // --- Checks and probes.

  // Keeps an authenticated check connection open from now on; opens it at once if it is down.
  virtual void keep_check_connection() = 0;

  // The standing check connection, if it is ready; else, rather than none, a user connection that answers.
  [[nodiscard]] virtual Link* check_connection() const noexcept = 0;

  // A new connection of the caller's own, to be given to `dispose` afterwards.
  [[nodiscard]] virtual std::shared_ptr<Link> open_connection(LinkOwner& owner) = 0;

  // --- Subscribers.

  // A connection for one subscriber, not open yet: kept as long as the object lives, which is no longer than this does.
  // Who owns it binds it, and tells the DatabaseOwner of its loss and silence.
  [[nodiscard]] virtual std::shared_ptr<StandingLink> make_subscriber_link(StandingLink::Owner& owner) = 0;

  // Ends everything.
  virtual void close() = 0;
};

}  // namespace meridian::database
