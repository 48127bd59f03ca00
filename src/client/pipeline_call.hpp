// A pipeline as one operation: its commands go out in one piece and are answered one by one, without a Call for each.
// That is as long as all goes well; a command that is refused, or does not get its reply, becomes a Call of its own,
// and the rules for those say what becomes of it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "client/call.hpp"

namespace meridian::client {

// REQUIRES: those of each command follow those of the one before it without a gap.
[[nodiscard]] inline std::string_view bytes_of(std::span<const detail::EngineCall> calls) noexcept {
  const std::string_view first = calls.front().request.bytes;
  const std::string_view last = calls.back().request.bytes;
  return {first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data())};
}

// Lives on the stack of the thread that waits for it; if nobody waits, it goes when its outcomes are told that they are
// over.
class PipelineCall final : public protocol::Operation, public io::Notice, public Attempt {
 public:
  // `who`: whose pipeline it is; null: nobody waits. REQUIRES: the bytes of `pipeline` follow each other without a gap.
  PipelineCall(CallRunner& owner, std::span<const detail::EngineCall> pipeline, Waiter* who, Batch& in_common) noexcept
      : Operation(who != nullptr ? protocol::Waiting::on_thread : protocol::Waiting::on_loop,
                  static_cast<std::uint32_t>(pipeline.size()), protocol::Answers::one_each),
        runner(owner),
        calls(pipeline),
        waiter(who),
        batch(in_common) {}
  ~PipelineCall() override = default;

  [[nodiscard]] std::string_view bytes() const noexcept override;
  [[nodiscard]] bool is_read() const noexcept override;
  [[nodiscard]] TimePoint deadline() const noexcept override { return attempt_deadline; }
  [[nodiscard]] bool waits_on(TimePoint now) noexcept override { return begin_attempt_anew(now, call_deadline); }
  [[nodiscard]] std::uint32_t commands_within(std::size_t bytes) const noexcept override;
  [[nodiscard]] std::size_t largest_write(std::uint32_t answered) const noexcept override;
  void on_reply(const ReplyView& reply) noexcept override;
  void on_cut(std::uint32_t kept, const protocol::Failure& failure) noexcept override;
  void on_failure(const protocol::Failure& failure) noexcept override;
  void lead() noexcept override;

  CallRunner& runner;
  std::span<const detail::EngineCall> calls;  // that are this operation's business
  Waiter* const waiter;
  Batch& batch;
  std::size_t answered = 0;                     // of `calls`
  std::vector<std::size_t> calls_of_their_own;  // those of them that were refused, if nobody waits
  TimePoint issued{};
  TimePoint call_deadline{};
  std::uint64_t first_number = 0;
  std::uint64_t caller = 0;

 private:
  void tell() noexcept override;
  void told() noexcept override;
};

}  // namespace meridian::client
