#include "health/exchange.hpp"

#include <utility>

namespace meridian::health {

// Stands in the connection's line. Lives until its reply or failure, however long that takes; the exchange that it
// belongs to may be gone by then.
class Exchange::Operation final : public protocol::Operation, public std::enable_shared_from_this<Operation> {
 public:
  Operation(Exchange& exchange, Request request) : exchange_(&exchange), request_(std::move(request)) {}

  void send_on(database::Link& link) {
    in_line_ = shared_from_this();
    link.enqueue(*this);
  }
  void forget() noexcept { exchange_ = nullptr; }

  [[nodiscard]] std::string_view bytes() const noexcept override { return request_.bytes; }
  [[nodiscard]] bool is_read() const noexcept override { return request_.traits.is_read(); }
  [[nodiscard]] TimePoint deadline() const noexcept override { return TimePoint::max(); }

  void on_reply(const ReplyView& reply) noexcept override {
    const auto keep = std::move(in_line_);
    if (exchange_ != nullptr) exchange_->finish({Reply(std::string(reply.wire())), {}});
  }

  void on_failure(const protocol::Failure& failure) noexcept override {
    const auto keep = std::move(in_line_);
    if (exchange_ == nullptr) return;
    exchange_->finish({std::nullopt, {.was_ready = true, .code = failure.code, .message = failure.message}});
  }

 private:
  Exchange* exchange_;
  Request request_;
  std::shared_ptr<Operation> in_line_;
};

Exchange::Exchange(io::World& world, Request request, Done done)
    : world_(world), done_(std::move(done)), operation_(std::make_shared<Operation>(*this, std::move(request))) {}

std::unique_ptr<Exchange> Exchange::on_standing(io::World& world, database::Database& database, Request request,
                                                Done done) {
  std::unique_ptr<Exchange> exchange(new Exchange(world, std::move(request), std::move(done)));
  exchange->standing_ = &database;
  exchange->operation_->send_on(*database.check_connection());
  return exchange;
}

std::unique_ptr<Exchange> Exchange::on_fresh(io::World& world, database::Database& database, Request request,
                                             Done done) {
  std::unique_ptr<Exchange> exchange(new Exchange(world, std::move(request), std::move(done)));
  exchange->fresh_ = database.open_connection(*exchange);
  return exchange;
}

Exchange::~Exchange() {
  operation_->forget();
  done_ = nullptr;
  database::dispose(world_, std::move(fresh_));
}

void Exchange::look() {
  if (fresh_) fresh_->look();
  if (standing_ == nullptr) return;
  if (database::Link* link = standing_->check_connection()) link->look();
}

void Exchange::on_link_ready(database::Link& link) { operation_->send_on(link); }

void Exchange::on_link_closed(database::Link&, const database::LinkEnd& end) {
  operation_->forget();
  finish({std::nullopt, end});
}

void Exchange::finish(Outcome outcome) {
  // `done` may destroy this object.
  if (const Done done = std::exchange(done_, nullptr)) done(std::move(outcome));
}

}  // namespace meridian::health
