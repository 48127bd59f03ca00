// One short-lived thread for each name that is being looked up.
#include "net/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <system_error>
#include <utility>

#include "net/thread.hpp"

namespace meridian::net {

using io::IoStatus;

namespace {

Resolved not_resolved(int code) {
  if (code == EAI_MEMORY) return {IoStatus::local, {}, ::gai_strerror(code)};
  if (code == EAI_SYSTEM) {
    const int error = errno;
    const bool ours = error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
    return {ours ? IoStatus::local : IoStatus::not_resolved, {}, std::generic_category().message(error)};
  }
  return {IoStatus::not_resolved, {}, ::gai_strerror(code)};
}

}  // namespace

Resolved look_up(const std::string& host, NameLookup lookup) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  // ADDRCONFIG: no IPv6 addresses on a machine without IPv6, where they would only be in the way.
  hints.ai_flags = lookup == NameLookup::numeric_only ? AI_NUMERICHOST : AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0) return not_resolved(code);

  Resolved resolved;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    TcpEndpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    resolved.endpoints.push_back(endpoint);
  }
  if (resolved.endpoints.empty()) return not_resolved(EAI_NONAME);
  return resolved;
}

struct Resolver::Asker {
  std::mutex mutex;
  Resolver* resolver;  // under mutex; null once it is gone
};

Resolver::Resolver(Loop& loop, Lookup lookup)
    : loop_(loop), lookup_(std::move(lookup)), asker_(std::make_shared<Asker>()) {
  asker_->resolver = this;
}

Resolver::~Resolver() {
  const std::lock_guard lock(asker_->mutex);
  asker_->resolver = nullptr;
}

void Resolver::resolve(const std::string& host, Handler handler) {
  std::vector<Handler>& waiting = waiting_[host];
  waiting.push_back(std::move(handler));
  if (waiting.size() == 1) start(host);
}

void Resolver::start(const std::string& host) {
  // The task is dropped with the loop, and the resolver is destroyed on the loop or after it: `resolver` is alive when
  // the task runs, unless the asker says otherwise.
  const auto deliver = [asker = asker_, host](Resolved resolved) {
    const std::lock_guard lock(asker->mutex);
    if (asker->resolver == nullptr) return;
    asker->resolver->loop_.post([asker, host, resolved = std::move(resolved)] {
      if (asker->resolver != nullptr) asker->resolver->answer(host, resolved);
    });
  };
  try {
    start_thread("meridian-dns", [deliver, host, lookup = lookup_] { deliver(lookup(host)); }).detach();
  } catch (const std::system_error& error) {
    deliver({IoStatus::local, {}, error.code().message()});
  }
}

void Resolver::answer(const std::string& host, const Resolved& resolved) {
  auto asked = waiting_.extract(host);
  // A handler may ask again, or destroy this resolver.
  if (asked) {
    for (const Handler& handler : asked.mapped()) handler(resolved);
  }
}

}  // namespace meridian::net
