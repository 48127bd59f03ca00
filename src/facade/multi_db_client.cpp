// `MultiDbClient` on the real world.
#include <meridian/multi_db_client.hpp>

#include <utility>

#include "facade/opening.hpp"

namespace meridian {

MultiDbClient::MultiDbClient(std::shared_ptr<detail::MultiDbEngine> engine) noexcept
    : MultiDbFrontEnd(std::move(engine)) {}

Result<MultiDbClient> MultiDbClient::create(const MultiDbConfig& config) {
  return facade::client_of<MultiDbClient>(facade::open_databases(config));
}

MultiDbClient::MultiDbClient(const MultiDbConfig& config)
    : MultiDbClient(value_or_throw(facade::open_databases(config))) {}

}  // namespace meridian
