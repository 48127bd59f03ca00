/// \file
/// `AsyncClient`: one standalone database, without waiting threads.
///
/// \code
/// meridian::AsyncClient client("redis://localhost:6379/0");
///
/// my::Task<> greet(meridian::AsyncClient& client) {                     // any C++20 coroutine
///   co_await client.set("key", "value");                               // throws meridian::Error
///   std::optional<std::string> v = co_await client.get("key");
///   auto n = co_await client.execute(meridian::cmd::incr("n"));        // Result<std::int64_t>
///   auto t = co_await client.with(50ms).get("key");                   // its deadline; or a stop token
/// }
/// client.submit(meridian::cmd::get("key"), [](auto result) { … });    // without coroutines
/// \endcode
///
/// Threads: a call begins on the thread that awaits it. Its coroutine goes on, like every callback, on the client's I/O
/// thread, which all its calls and perhaps other clients share: do not block there and do not compute for long. When
/// the call is over before the awaiting thread has let go of it (a very quick reply, wrong options, a closed client),
/// the coroutine goes on without a pause on the thread where it is. For executors of your own see
/// `<meridian/asio.hpp>`, or go on elsewhere by an awaitable of your framework. An exception that leaves `resume()` of
/// a coroutine, because the `unhandled_exception` of its promise lets it, ends the program.
///
/// Lifetimes: nothing happens before `co_await`, and a call allocates nothing but its arguments and its value: all that
/// it needs lives in the coroutine's frame. Therefore a coroutine must not be destroyed while it is suspended in a
/// call; that ends the program (`std::terminate`). End the call first, by `CallOptions::stop` or `close()`: both let
/// the coroutine go on at once, with the error `cancelled` or `closed`. A coroutine may close or destroy the client
/// itself.
///
/// Compilers: g++ 12 does not compile braces that stand for a list of elements inside a `co_await` expression ("array
/// used as initializer"), and would destroy temporary option structs twice, which is why they are not taken here. Name
/// both first: `const std::vector<std::string> keys = {"a", "b"}; co_await client.mget(keys);`.
///
/// A blocking client's call inside a coroutine that runs on the I/O thread is refused with `would_deadlock`.
#pragma once

#include <memory>
#include <string_view>

#include <meridian/detail/awaitable.hpp>
#include <meridian/front_end.hpp>

namespace meridian {

/// A client of one database, with the same commands as `Client`. Connects in the background and reconnects for ever; a
/// server that is down gives errors with the address and the reason, not a failed construction. Thread-safe; movable,
/// not copyable. A moved-from client may only be destroyed or assigned to. Not fork-safe: use it only in the process
/// that made it.
class MERIDIAN_EXPORT AsyncClient : public FrontEnd<AsyncClient, detail::AwaitableForms> {
 public:
  /// Does not block. Throws `Error`: `invalid_argument` names the field or part of the URI; `local_resource`: no
  /// threads or descriptors.
  explicit AsyncClient(std::string_view uri, const ClientOptions& options = {});
  explicit AsyncClient(Endpoint endpoint, ClientOptions options = {});

  /// The same without exceptions.
  [[nodiscard]] static Result<AsyncClient> create(std::string_view uri, const ClientOptions& options = {});
  [[nodiscard]] static Result<AsyncClient> create(Endpoint endpoint, ClientOptions options = {});

  /// On a ready engine. For the library and its tests.
  explicit AsyncClient(std::shared_ptr<detail::Engine> engine) noexcept;
};

}  // namespace meridian
