// One client after another at the same place: it is closed while it is used, and another takes its place.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include <meridian/async_client.hpp>
#include <meridian/async_multi_db_client.hpp>
#include <meridian/client.hpp>
#include <meridian/multi_db_client.hpp>

#include "stress/caller.hpp"
#include "stress/tally.hpp"

namespace meridian::stress {

using AnyClient = std::variant<Client, MultiDbClient, AsyncClient, AsyncMultiDbClient>;

template <class Front>
inline constexpr bool blocks = std::is_same_v<Front, Client> || std::is_same_v<Front, MultiDbClient>;

// True while this thread runs a callback of the library.
inline thread_local bool in_callback = false;

class InCallback {
 public:
  InCallback() noexcept : before_(in_callback) { in_callback = true; }
  InCallback(const InCallback&) = delete;
  InCallback& operator=(const InCallback&) = delete;
  ~InCallback() { in_callback = before_; }

 private:
  const bool before_;
};

struct SiteSpec {
  std::string name;
  Knowledge knowledge = Knowledge::loose;
  std::vector<std::size_t> servers{};  // which of the run's servers it uses; the first one first
  Duration deadline{};                 // of a call that names none
  bool is_async = false;               // its clients do not block: only callers without a thread
  // Null when it could not be made this time.
  std::function<std::unique_ptr<AnyClient>()> make{};
};

// Thread-safe.
class Site {
 public:
  using Handle = std::shared_ptr<AnyClient>;

  Site(SiteSpec spec, Tally& tally) : spec_(std::move(spec)), tally_(tally) {}

  [[nodiscard]] const SiteSpec& spec() const noexcept { return spec_; }

  // Waits until there is one; null when the run ends.
  [[nodiscard]] Handle wait_for_client();
  // Null: there is none now; then `later` is called when there is one, or when the run ends.
  [[nodiscard]] Handle client_or(std::function<void()> later);

  // Makes a client if there is none. Blocks.
  void refill();
  // Closes it from here, perhaps with calls in progress; who holds it still has it.
  void close();
  // Inside a callback: closes it there.
  void close_in_callback();
  // Lets go of it without closing: the last one who uses it destroys it.
  void let_go();
  // No more clients: all who wait come back.
  void end();

 private:
  [[nodiscard]] Handle take();

  const SiteSpec spec_;
  Tally& tally_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Handle client_;
  std::vector<std::function<void()>> waiting_;
  bool ended_ = false;
};

}  // namespace meridian::stress
