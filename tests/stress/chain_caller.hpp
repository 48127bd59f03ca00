// A caller without a thread: the callback of each call makes the next one, or it is a coroutine.
#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <memory>

#include "stress/caller.hpp"
#include "stress/calls.hpp"

namespace meridian::stress {

// A coroutine that nobody waits for.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

class ChainCaller : public std::enable_shared_from_this<ChainCaller> {
 public:
  ChainCaller(std::uint64_t id, Site& site, Common& common, std::uint64_t seed)
      : caller(id, site.spec().knowledge, common.tally),
        call(common, site, id),
        site_(site),
        common_(common),
        dice_(seed) {}

  // Makes a call, or waits for a client that can.
  void go_on();
  // It makes no more calls.
  [[nodiscard]] bool is_over() const noexcept { return over_; }

  Caller caller;
  Call call;
  Site& site() const noexcept { return site_; }

 private:
  void make_call(const Site::Handle& handle);
  template <class T>
  void after(const Operation& operation, const Result<T>& result);
  void after_call();
  template <class Together, class Front>
  static Detached await_together(std::shared_ptr<ChainCaller> self, Site::Handle handle, Front& client);

  Site& site_;
  Common& common_;
  Dice dice_;
  std::atomic<bool> over_{false};
};

}  // namespace meridian::stress
