#include "io/user_thread.hpp"

#include <mutex>
#include <utility>

namespace meridian::io {

struct UserThread::Desk {
  std::mutex mutex;
  Loop* loop = nullptr;  // under mutex; null: closed
  bool open = true;      // on the loop
};

UserThread::UserThread(World& world) : desk_(std::make_shared<Desk>()), executor_(world.executors.make()) {
  desk_->loop = &world.loop;
}

UserThread::~UserThread() = default;

void UserThread::run(std::function<Task()> work) {
  executor_->post([desk = desk_, work = std::move(work)] {
    {
      const std::lock_guard lock(desk->mutex);
      if (desk->loop == nullptr) return;
    }
    Task back = work();
    const std::lock_guard lock(desk->mutex);
    if (desk->loop == nullptr) return;
    desk->loop->post([desk, back = std::move(back)] {
      if (desk->open) back();
    });
  });
}

void UserThread::close() noexcept {
  desk_->open = false;
  const std::lock_guard lock(desk_->mutex);
  desk_->loop = nullptr;
}

}  // namespace meridian::io
