// `MultiDbClient` on the real world.
#include <meridian/multi_db_client.hpp>

#include <optional>
#include <system_error>
#include <utility>

#include "client/multi_engine.hpp"
#include "core/resolve.hpp"
#include "facade/owned_engine.hpp"
#include "net/tls_check.hpp"

namespace meridian {
namespace {

// Blocks until the initial policy is decided (INIT-5).
std::optional<Error> start(client::MultiEngine& engine, io::World& world) {
  const std::shared_ptr<io::Parker> parker = world.parking.make_parker();
  std::optional<Error> refusal;
  engine.open([&refusal, parker](std::optional<Error> error) {
    refusal = std::move(error);
    parker->unpark();
  });
  parker->park();
  return refusal;
}

}  // namespace

MultiDbClient::MultiDbClient(std::shared_ptr<detail::MultiDbEngine> engine) noexcept
    : FrontEnd(engine), multi_engine_(std::move(engine)) {}

Result<MultiDbClient> MultiDbClient::create(const MultiDbConfig& config) {
  Result<std::vector<core::ResolvedDatabase>> databases = core::resolve(config);
  if (!databases) return Unexpected(databases.error());
  for (std::size_t i = 0; i < databases->size(); ++i) {
    const core::ResolvedDatabase& database = (*databases)[i];
    const std::string prefix = "databases[" + std::to_string(i) + "].options.tls";
    if (auto wrong = net::check_tls(database.endpoint, database.options.tls, prefix)) {
      return Unexpected(std::move(*wrong));
    }
  }
  try {
    const auto engine = facade::OwnedEngine<client::MultiEngine>::make(config.runtime, config, *databases);
    if (auto refusal = start(*engine, engine->world())) return Unexpected(std::move(*refusal));
    return MultiDbClient(engine);
  } catch (const std::system_error& error) {
    return fail(ErrorCode::local_resource, Delivery::not_sent, std::string("starting the client: ") + error.what());
  }
}

MultiDbClient::MultiDbClient(const MultiDbConfig& config) : MultiDbClient(value_or_throw(create(config))) {}

MultiDbClient& MultiDbClient::operator=(MultiDbClient&& other) noexcept {
  close();
  multi_engine_ = std::move(other.multi_engine_);
  engine_ = std::move(other.engine_);
  return *this;
}

MultiDbClient::~MultiDbClient() { close(); }

std::vector<DatabaseStatus> MultiDbClient::databases() const { return multi_engine_->databases(); }

void MultiDbClient::close() noexcept {
  if (engine_) engine_->close();
}

}  // namespace meridian
