// An engine together with the real world it runs on, and the right way to end both.
#pragma once

#include <memory>
#include <thread>
#include <utility>

#include "client/blocking.hpp"
#include "net/runtime.hpp"

namespace meridian::facade {

template <class EngineType>
class OwnedEngine {
 public:
  template <class... Args>
  [[nodiscard]] static std::shared_ptr<EngineType> make(Args&&... args) {
    auto owned = std::unique_ptr<OwnedEngine>(new OwnedEngine);
    owned->engine_.emplace(owned->runtime_.world(), std::forward<Args>(args)...);
    EngineType* engine = &*owned->engine_;
    return std::shared_ptr<EngineType>(engine, [owner = owned.release()](EngineType*) { destroy(owner); });
  }

 private:
  OwnedEngine() = default;

  // The last handle may go inside a callback or a listener, on a thread that the runtime would have to join: then a
  // thread of its own ends it.
  static void destroy(OwnedEngine* owner) {
    io::World& world = owner->runtime_.world();
    owner->engine_->close();
    if (world.loop.on_io_thread() || world.listeners.inside()) std::thread([owner] { finish(owner); }).detach();
    else finish(owner);
  }

  static void finish(OwnedEngine* owner) {
    client::wait_until_told(owner->runtime_.world());
    owner->runtime_.stop();
    delete owner;
  }

  net::Runtime runtime_;
  std::optional<EngineType> engine_;
};

}  // namespace meridian::facade
