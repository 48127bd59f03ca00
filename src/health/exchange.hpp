// One request and its answer, on the standing check connection or on a connection of its own. No time limit: whoever
// asks watches the clock and destroys the exchange when it has waited long enough; a late reply is then dropped.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "database/database.hpp"

namespace meridian::health {

class Exchange final : public database::LinkOwner {
 public:
  // A reply (which may be an error reply), or how the connection ended.
  struct Outcome {
    std::optional<Reply> reply;
    database::LinkEnd end;
  };
  using Done = std::function<void(Outcome)>;

  // Over the standing connection. REQUIRES: database.check_connection().
  static std::unique_ptr<Exchange> on_standing(io::World& world, database::Database& database, Request request,
                                               Done done);
  // Over a fresh connection.
  static std::unique_ptr<Exchange> on_fresh(io::World& world, database::Database& database, Request request, Done done);

  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  // Reads what has arrived: the last look before a verdict of silence.
  void look();

 private:
  class Operation;
  Exchange(io::World& world, Request request, Done done);

  void on_link_ready(database::Link& link) override;
  void on_link_closed(database::Link& link, const database::LinkEnd& end) override;
  void on_link_silent(database::Link&, const protocol::OwedSummary&) override {}
  void on_link_heard(database::Link&) override {}
  void on_credentials_refused(database::Link&, const std::string&) override {}  // never asked to authenticate again
  void finish(Outcome outcome);

  io::World& world_;
  Done done_;
  std::shared_ptr<Operation> operation_;
  std::shared_ptr<database::Link> fresh_;
  database::Database* standing_ = nullptr;
};

}  // namespace meridian::health
