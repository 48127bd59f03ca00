// `AsyncMultiDbClient` on the real world.
#include <meridian/async_multi_db_client.hpp>

#include <memory>
#include <optional>
#include <utility>

#include "facade/opening.hpp"

namespace meridian {
namespace {

// Waits for the decision of the initial policy, and tells it where user code may run. Owns itself.
class Opening final : public io::Notice {
 public:
  static void begin(std::shared_ptr<client::MultiEngine> engine, detail::ConnectOutcome& outcome) {
    client::MultiEngine& opened = *engine;
    auto* self = new Opening(std::move(engine), outcome);
    opened.open([self](std::optional<Error> refusal) { self->decided(std::move(refusal)); });
  }

 private:
  Opening(std::shared_ptr<client::MultiEngine> engine, detail::ConnectOutcome& outcome)
      : engine_(std::move(engine)), outcome_(outcome) {}

  void decided(std::optional<Error> refusal) {
    refusal_ = std::move(refusal);
    engine_->world().loop.announce(*this);
  }

  void tell() noexcept override {
    std::shared_ptr<client::MultiEngine> engine = std::move(engine_);
    if (!refusal_) return outcome_.on_connected(AsyncMultiDbClient(std::move(engine)));
    engine.reset();  // closed before anybody is told
    outcome_.on_connected(Unexpected(std::move(*refusal_)));
  }
  void told() noexcept override { delete this; }

  std::shared_ptr<client::MultiEngine> engine_;
  detail::ConnectOutcome& outcome_;
  std::optional<Error> refusal_;
};

}  // namespace

void detail::connect(const MultiDbConfig& config, ConnectOutcome& outcome) {
  Result<std::shared_ptr<client::MultiEngine>> engine = facade::make_databases(config);
  if (!engine) return outcome.on_connected(Unexpected(engine.error()));
  Opening::begin(std::move(*engine), outcome);
}

AsyncMultiDbClient::AsyncMultiDbClient(std::shared_ptr<detail::MultiDbEngine> engine) noexcept
    : MultiDbFrontEnd(std::move(engine)) {}

Result<AsyncMultiDbClient> AsyncMultiDbClient::create(const MultiDbConfig& config) {
  return facade::client_of<AsyncMultiDbClient>(facade::open_databases(config));
}

AsyncMultiDbClient::AsyncMultiDbClient(const MultiDbConfig& config)
    : AsyncMultiDbClient(value_or_throw(facade::open_databases(config))) {}

}  // namespace meridian
