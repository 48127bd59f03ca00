// Names to addresses. A name that its server is silent about holds up nobody else (faults, row 18): every name that is
// being looked up has a thread of its own for as long as that takes. Asio's resolver has one thread for all names, and
// its destructor waits for it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/stream.hpp"
#include "net/asio_compat.hpp"
#include "net/loop.hpp"

namespace meridian::net {

struct Resolved {
  io::IoStatus status = io::IoStatus::ok;  // ok, not_resolved or local
  std::vector<TcpEndpoint> endpoints;      // with port 0; not empty exactly when ok
  std::string error;                       // the system's words
};

// Asks the system. With `numeric_only` it does not block, and names have no address.
enum class NameLookup { numeric_only, full };
[[nodiscard]] Resolved look_up(const std::string& host, NameLookup lookup);

// Lives on the loop.
class Resolver {
 public:
  using Handler = std::function<void(const Resolved&)>;
  using Lookup = std::function<Resolved(const std::string& host)>;

  // `lookup` may block; it is called on threads that may outlive the resolver.
  explicit Resolver(
      Loop& loop, Lookup lookup = [](const std::string& host) { return look_up(host, NameLookup::full); });
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  // Does not wait for lookups under way; their handlers are dropped. REQUIRES: on the loop, or after it was stopped.
  ~Resolver();

  // Runs `handler` on the loop, never inside this call. Who asks for a name that is being looked up right now shares
  // that answer: a name server that is silent costs one thread for each name, however often it is asked.
  void resolve(const std::string& host, Handler handler);

 private:
  // What a lookup thread knows of the one who asked.
  struct Asker;

  void start(const std::string& host);
  void answer(const std::string& host, const Resolved& resolved);

  Loop& loop_;
  Lookup lookup_;
  std::shared_ptr<Asker> asker_;
  std::map<std::string, std::vector<Handler>> waiting_;
};

}  // namespace meridian::net
