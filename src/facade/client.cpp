// `Client` on the real world.
#include <meridian/client.hpp>

#include <system_error>
#include <utility>

#include "client/single_engine.hpp"
#include "core/validate.hpp"
#include "facade/owned_engine.hpp"
#include "net/tls_check.hpp"

namespace meridian {

Client::Client(std::shared_ptr<detail::Engine> engine) noexcept : FrontEnd(std::move(engine)) {}

Result<Client> Client::create(std::string_view uri, const ClientOptions& options) {
  Result<Target> target = parse_uri(uri, options);
  if (!target) return Unexpected(target.error());
  return create(std::move(target->endpoint), std::move(target->options));
}

Result<Client> Client::create(Endpoint endpoint, ClientOptions options) {
  if (auto wrong = core::validate(endpoint, "endpoint")) return Unexpected(std::move(*wrong));
  if (auto wrong = core::validate(options, "options")) return Unexpected(std::move(*wrong));
  if (auto wrong = net::check_tls(endpoint, options.tls, "options.tls")) return Unexpected(std::move(*wrong));
  try {
    const std::shared_ptr<Runtime> runtime = options.runtime;
    return Client(
        facade::OwnedEngine<client::SingleEngine>::make(runtime, Target{std::move(endpoint), std::move(options)}));
  } catch (const std::system_error& error) {
    return fail(ErrorCode::local_resource, Delivery::not_sent, std::string("starting the client: ") + error.what());
  }
}

Client::Client(std::string_view uri, const ClientOptions& options) : Client(value_or_throw(create(uri, options))) {}

Client::Client(Endpoint endpoint, ClientOptions options)
    : Client(value_or_throw(create(std::move(endpoint), std::move(options)))) {}

Client& Client::operator=(Client&& other) noexcept {
  close();
  engine_ = std::move(other.engine_);
  return *this;
}

Client::~Client() { close(); }

void Client::close() noexcept {
  if (engine_) engine_->close();
}

}  // namespace meridian
