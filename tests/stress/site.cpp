// The change of clients at one place.
#include "stress/site.hpp"

#include <utility>

namespace meridian::stress {
namespace {

void close_client(AnyClient& any) {
  std::visit([](auto& client) { client.close(); }, any);
}

}  // namespace

Site::Handle Site::wait_for_client() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return client_ != nullptr || ended_; });
  return ended_ ? nullptr : client_;
}

Site::Handle Site::client_or(std::function<void()> later) {
  const std::lock_guard lock(mutex_);
  if (client_ != nullptr && !ended_) return client_;
  waiting_.push_back(std::move(later));
  return nullptr;
}

void Site::refill() {
  {
    const std::lock_guard lock(mutex_);
    if (client_ != nullptr || ended_) return;
  }
  std::unique_ptr<AnyClient> made = spec_.make();
  if (!made) return;
  ++tally_.clients;
  const Handle client(made.release(), [&tally = tally_](AnyClient* last) {
    if (in_callback) ++tally.destroyed_in_callbacks;
    delete last;
  });
  std::vector<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex_);
    client_ = client;
    waiting.swap(waiting_);
  }
  changed_.notify_all();
  for (const auto& later : waiting) later();
}

Site::Handle Site::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(client_, nullptr);
}

void Site::close() {
  const Handle client = take();
  if (!client) return;
  ++tally_.closes;
  close_client(*client);
}

void Site::close_in_callback() {
  const Handle client = take();
  if (!client) return;
  ++tally_.closes_in_callbacks;
  close_client(*client);
}

void Site::let_go() { const Handle client = take(); }

void Site::end() {
  std::vector<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    waiting.swap(waiting_);
  }
  changed_.notify_all();
  for (const auto& later : waiting) later();
}

}  // namespace meridian::stress
