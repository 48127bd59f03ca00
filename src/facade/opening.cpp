#include "facade/opening.hpp"

#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "client/single_engine.hpp"
#include "core/resolve.hpp"
#include "core/validate.hpp"
#include "facade/owned_engine.hpp"
#include "net/tls_check.hpp"

namespace meridian::facade {
namespace {

Unexpected no_resources(const std::system_error& error) {
  return fail(ErrorCode::local_resource, Delivery::not_sent, std::string("starting the client: ") + error.what());
}

// What `core::resolve` cannot see: files and keys.
std::optional<Error> check_certificates(const core::ResolvedDatabase& database, const std::string& prefix) {
  return net::check_tls(database.endpoint, database.options.tls, prefix + ".options.tls");
}

}  // namespace

Result<std::shared_ptr<detail::Engine>> open_database(std::string_view uri, const ClientOptions& options) {
  Result<Target> target = parse_uri(uri, options);
  if (!target) return Unexpected(target.error());
  return open_database(std::move(target->endpoint), std::move(target->options));
}

Result<std::shared_ptr<detail::Engine>> open_database(Endpoint endpoint, ClientOptions options) {
  if (auto wrong = core::validate(endpoint, "endpoint")) return Unexpected(std::move(*wrong));
  if (auto wrong = core::validate(options, "options")) return Unexpected(std::move(*wrong));
  if (auto wrong = net::check_tls(endpoint, options.tls, "options.tls")) return Unexpected(std::move(*wrong));
  try {
    const std::shared_ptr<Runtime> runtime = options.runtime;
    return OwnedEngine<client::SingleEngine>::make(runtime, Target{std::move(endpoint), std::move(options)});
  } catch (const std::system_error& error) {
    return no_resources(error);
  }
}

Result<std::shared_ptr<client::MultiEngine>> make_databases(const MultiDbConfig& config) {
  Result<std::vector<core::ResolvedDatabase>> databases = core::resolve(config);
  if (!databases) return Unexpected(databases.error());
  for (std::size_t i = 0; i < databases->size(); ++i) {
    const std::string prefix = "databases[" + std::to_string(i) + "]";
    if (auto wrong = check_certificates((*databases)[i], prefix)) return Unexpected(std::move(*wrong));
  }
  try {
    return OwnedEngine<client::MultiEngine>::make(config.runtime, config, *databases, &check_certificates);
  } catch (const std::system_error& error) {
    return no_resources(error);
  }
}

Result<std::shared_ptr<client::MultiEngine>> open_databases(const MultiDbConfig& config) {
  Result<std::shared_ptr<client::MultiEngine>> made = make_databases(config);
  if (!made) return made;
  if (auto refusal = open_and_wait(**made, "use AsyncMultiDbClient::connect")) return Unexpected(std::move(*refusal));
  return made;
}

}  // namespace meridian::facade
