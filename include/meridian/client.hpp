/// \file
/// `Client`: one standalone database.
///
/// \code
/// meridian::Client client("redis://localhost:6379/0");
/// client.set("key", "value");                            // throws meridian::Error
/// std::optional<std::string> v = client.get("key");
/// \endcode
#pragma once

#include <memory>
#include <string_view>

#include <meridian/front_end.hpp>

namespace meridian {

/// A client of one database. Connects in the background and reconnects for ever; a server that is down gives errors
/// with the address and the reason, not a failed construction. Thread-safe; movable, not copyable. A moved-from client
/// may only be destroyed or assigned to. Not fork-safe: use it only in the process that made it.
class MERIDIAN_EXPORT Client : public FrontEnd<Client> {
 public:
  /// Throws `Error`: `invalid_argument` names the field or part of the URI; `local_resource`: no threads or
  /// descriptors.
  explicit Client(std::string_view uri, const ClientOptions& options = {});
  explicit Client(Endpoint endpoint, ClientOptions options = {});

  /// The same without exceptions.
  [[nodiscard]] static Result<Client> create(std::string_view uri, const ClientOptions& options = {});
  [[nodiscard]] static Result<Client> create(Endpoint endpoint, ClientOptions options = {});

  /// On a ready engine. For the library and its tests.
  explicit Client(std::shared_ptr<detail::Engine> engine) noexcept;
};

}  // namespace meridian
