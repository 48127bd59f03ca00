// Who wants to know of new credentials.
#include <meridian/credentials.hpp>

#include <map>
#include <mutex>
#include <utility>

namespace meridian {

struct CredentialsProvider::Watchers {
  std::mutex mutex;
  std::uint64_t last_id = 0;                             // under mutex
  std::map<std::uint64_t, std::function<void()>> by_id;  // under mutex
};

CredentialsProvider::CredentialsProvider() : watchers_(std::make_unique<Watchers>()) {}

CredentialsProvider::~CredentialsProvider() = default;

void CredentialsProvider::refresh() {
  // Called under the mutex: a watcher that has been told to stop is never called again.
  const std::lock_guard lock(watchers_->mutex);
  for (const auto& [id, watcher] : watchers_->by_id) watcher();
}

std::uint64_t CredentialsProvider::watch(std::function<void()> watcher) {
  const std::lock_guard lock(watchers_->mutex);
  watchers_->by_id.emplace(++watchers_->last_id, std::move(watcher));
  return watchers_->last_id;
}

void CredentialsProvider::unwatch(std::uint64_t id) noexcept {
  const std::lock_guard lock(watchers_->mutex);
  watchers_->by_id.erase(id);
}

}  // namespace meridian
