// Engines on the real world, as the public types want them: checked, made, and opened.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include <meridian/detail/engine.hpp>
#include <meridian/multi_db_config.hpp>
#include <meridian/options.hpp>
#include <meridian/result.hpp>

#include "client/multi_engine.hpp"

namespace meridian::facade {

// One database. Does not block.
[[nodiscard]] Result<std::shared_ptr<detail::Engine>> open_database(std::string_view uri, const ClientOptions& options);
[[nodiscard]] Result<std::shared_ptr<detail::Engine>> open_database(Endpoint endpoint, ClientOptions options);

// Several databases, ready for `MultiEngine::open`. Does not block.
[[nodiscard]] Result<std::shared_ptr<client::MultiEngine>> make_databases(const MultiDbConfig& config);

// The same, opened: blocks until the initial policy is decided (INIT-5).
[[nodiscard]] Result<std::shared_ptr<client::MultiEngine>> open_databases(const MultiDbConfig& config);

// A public client on its engine.
template <class Client, class Engine>
[[nodiscard]] Result<Client> client_of(Result<std::shared_ptr<Engine>> engine) {
  if (!engine) return Unexpected(engine.error());
  return Client(std::move(*engine));
}

}  // namespace meridian::facade
