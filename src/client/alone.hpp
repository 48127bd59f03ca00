// What a thread does that nobody else has had a turn beside, as far as only it knows. The runner's books and the link's
// are kept for others to look at; as long as nobody does, one line here for each round trip is enough. The first who
// has a turn of his own finds everything entered, what is under way included (io::Aside).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "client/call.hpp"
#include "client/pipeline_call.hpp"
#include "client/router.hpp"
#include "io/loop.hpp"

namespace meridian::client {

// Calls from the write to their last reply. On the stack of the thread that waits for them, which sets it aside while
// it reads.
class LoneTrip final : public io::Aside {
 public:
  LoneTrip(CallRunner& owner, std::span<const detail::EngineCall> what, TimePoint now) noexcept
      : runner(owner), calls(what), sent_at(now) {}
  ~LoneTrip() override = default;
  void put_back() noexcept override;

  CallRunner& runner;
  const std::span<const detail::EngineCall> calls;
  const TimePoint sent_at;
  io::IoResult written{};
  std::size_t answered = 0;  // of `calls`

  // What they are to everybody else, once they are entered in the books.
  struct Entry {
    Waiter waiter{};
    std::shared_ptr<database::Link> link{};
    std::optional<Batch> batch{};
    std::optional<PipelineCall> unit{};
    alignas(Call) std::array<std::byte, sizeof(Call)> call;  // of a single one; `CallRunner::recycle` destroys it

    Entry() noexcept {}  // NOLINT(modernize-use-equals-default, cppcoreguidelines-pro-type-member-init): not cleared
  };
  std::optional<Entry> entry{};
};

// What such a thread leaves between its calls, set aside.
class Alone final : public io::Aside {
 public:
  explicit Alone(CallRunner& owner) noexcept : runner(owner) {}
  ~Alone() override = default;
  void put_back() noexcept override;

  CallRunner& runner;

  // Where its calls go; null: nobody is alone.
  std::shared_ptr<database::Link> link{};
  Route route{};

  // What is over, and not in the books.
  std::size_t calls = 0;
  std::uint64_t bytes = 0;
  TimePoint last_at{};
};

}  // namespace meridian::client
