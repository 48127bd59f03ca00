// `Client` on the real world.
#include <meridian/client.hpp>

#include <utility>

#include "facade/opening.hpp"

namespace meridian {

Client::Client(std::shared_ptr<detail::Engine> engine) noexcept : FrontEnd(std::move(engine)) {}

Result<Client> Client::create(std::string_view uri, const ClientOptions& options) {
  return facade::client_of<Client>(facade::open_database(uri, options));
}

Result<Client> Client::create(Endpoint endpoint, ClientOptions options) {
  return facade::client_of<Client>(facade::open_database(std::move(endpoint), std::move(options)));
}

Client::Client(std::string_view uri, const ClientOptions& options)
    : Client(value_or_throw(facade::open_database(uri, options))) {}

Client::Client(Endpoint endpoint, ClientOptions options)
    : Client(value_or_throw(facade::open_database(std::move(endpoint), std::move(options)))) {}

}  // namespace meridian
