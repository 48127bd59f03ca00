// `AsyncClient` on the real world.
#include <meridian/async_client.hpp>

#include <utility>

#include "facade/opening.hpp"

namespace meridian {

AsyncClient::AsyncClient(std::shared_ptr<detail::Engine> engine) noexcept : FrontEnd(std::move(engine)) {}

Result<AsyncClient> AsyncClient::create(std::string_view uri, const ClientOptions& options) {
  return facade::client_of<AsyncClient>(facade::open_database(uri, options));
}

Result<AsyncClient> AsyncClient::create(Endpoint endpoint, ClientOptions options) {
  return facade::client_of<AsyncClient>(facade::open_database(std::move(endpoint), std::move(options)));
}

AsyncClient::AsyncClient(std::string_view uri, const ClientOptions& options)
    : AsyncClient(value_or_throw(facade::open_database(uri, options))) {}

AsyncClient::AsyncClient(Endpoint endpoint, ClientOptions options)
    : AsyncClient(value_or_throw(facade::open_database(std::move(endpoint), std::move(options)))) {}

}  // namespace meridian
