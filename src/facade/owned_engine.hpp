// An engine together with the real world it runs on, and the right way to end both.
#pragma once

#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <meridian/runtime.hpp>

#include "client/blocking.hpp"
#include "net/io_pool.hpp"
#include "net/runtime.hpp"

namespace meridian::facade {

template <class EngineType>
class OwnedEngine {
 public:
  // `runtime`: whose threads do the I/O; null: those that all clients share.
  template <class... Args>
  [[nodiscard]] static std::shared_ptr<EngineType> make(std::shared_ptr<Runtime> runtime, Args&&... args) {
    auto thread = runtime ? runtime->pool().next() : detail::IoPool::shared_thread();
    auto owned = std::unique_ptr<OwnedEngine>(new OwnedEngine(std::move(runtime), std::move(thread)));
    owned->engine_.emplace(owned->runtime_.world(), std::forward<Args>(args)...);
    EngineType* engine = &*owned->engine_;
    return std::shared_ptr<EngineType>(engine, [owner = owned.release()](EngineType*) { destroy(owner); });
  }

 private:
  OwnedEngine(std::shared_ptr<Runtime> shared, std::shared_ptr<net::IoThread> thread)
      : keep_(std::move(shared)), runtime_(std::move(thread)) {}

  // The last handle may go inside a callback or a listener, on a thread that the runtime would have to join: then a
  // thread of its own ends it. If the machine has none left, what is closed stays in memory: that harms less than
  // ending the program.
  static void destroy(OwnedEngine* owner) {
    io::World& world = owner->runtime_.world();
    owner->engine_->close();
    if (!world.loop.on_any_io_thread() && !world.listeners.inside()) return finish(owner);
    try {
      std::thread([owner] { finish(owner); }).detach();
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): as said above
    }
  }

  static void finish(OwnedEngine* owner) {
    client::wait_until_told(owner->runtime_.world());
    owner->runtime_.stop();
    delete owner;
  }

  std::shared_ptr<Runtime> keep_;
  net::Runtime runtime_;
  std::optional<EngineType> engine_;
};

}  // namespace meridian::facade
