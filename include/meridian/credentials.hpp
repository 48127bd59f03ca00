/// \file
/// Credentials that change while the program runs: tokens that expire, passwords that are rotated.
///
/// \code
/// class Vault : public meridian::CredentialsProvider {
///  public:
///   meridian::Credentials credentials() override { return {"app", read_token()}; }   // may block
/// };
/// auto vault = std::make_shared<Vault>();
/// meridian::Client client("redis://localhost", {.credentials = vault});
/// vault->refresh();   // there is a new token: open connections authenticate again, in line
/// \endcode
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <meridian/export.hpp>
#include <meridian/secret.hpp>

namespace meridian {

/// Who the client is to the server.
struct Credentials {
  std::string user{};  ///< ACL user; empty: the default user.
  Secret password{};
};

/// Where a client gets its credentials. It is asked for each new connection, so that a rotated password is found by the
/// next attempt (faults.md row 25), and after `refresh`. One provider may serve many clients.
class MERIDIAN_EXPORT CredentialsProvider {
 public:
  CredentialsProvider();
  CredentialsProvider(const CredentialsProvider&) = delete;
  CredentialsProvider& operator=(const CredentialsProvider&) = delete;
  virtual ~CredentialsProvider();

  /// The credentials of this moment. Called on a thread of its own, where it may block; how long is part of
  /// `connect_timeout`. Several may run at the same time. What it throws fails the attempt to connect with
  /// `authentication_failed`; the text of a std::exception becomes part of the message, so it must hold no secret.
  [[nodiscard]] virtual Credentials credentials() = 0;

  /// There are new credentials: every open connection of every client asks for them and sends AUTH in line, between
  /// commands that are not disturbed by it. Only a subscriber's in RESP2 does not, because a server takes no AUTH
  /// there. A connection whose AUTH is refused stays open as who it was; a `MultiDbClient` tells so with
  /// `ConfigurationRefused`. Any thread.
  void refresh();

  /// The library's own. What watches is called by `refresh`, until it is told to stop; it must not block.
  [[nodiscard]] std::uint64_t watch(std::function<void()> watcher);
  void unwatch(std::uint64_t id) noexcept;

 private:
  struct Watchers;
  std::unique_ptr<Watchers> watchers_;
};

}  // namespace meridian
