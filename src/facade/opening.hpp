// Engines on the real world, as the public types want them: checked, made, and opened.
#pragma once

#include <memory>
#include <optional>
#include <string>
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

// Opens what chooses among several, and blocks until the initial policy is decided (INIT-5). `instead`: what to do
// inside a callback, where this would wait for itself.
template <class Engine>
[[nodiscard]] std::optional<Error> open_and_wait(Engine& engine, std::string_view instead) {
  if (engine.world().loop.on_io_thread()) {
    return Error(
        ErrorCode::would_deadlock, Delivery::not_sent,
        "starting inside a callback on the library's I/O thread would wait for itself: " + std::string(instead));
  }
  const std::shared_ptr<io::Parker> parker = engine.world().parking.make_parker();
  std::optional<Error> refusal;
  engine.open([&refusal, parker](std::optional<Error> error) {
    refusal = std::move(error);
    parker->unpark();
  });
  parker->park();
  return refusal;
}

// A public client on its engine.
template <class Client, class Engine>
[[nodiscard]] Result<Client> client_of(Result<std::shared_ptr<Engine>> engine) {
  if (!engine) return Unexpected(engine.error());
  return Client(std::move(*engine));
}

}  // namespace meridian::facade
