// A pipeline as one operation: its commands go out in one piece and are answered one by one, without a Call for each.
// That is as long as all goes well; a command that is refused, or does not get its reply, becomes a Call of its own,
// and the rules for those say what becomes of it.
#pragma once

#include <span>
#include <string_view>

#include "client/call.hpp"

namespace meridian::client {

// Lives on the stack of the thread that waits for it.
class PipelineCall final : public protocol::Operation, public Attempt {
 public:
  // REQUIRES: the bytes of `pipeline` follow each other without a gap.
  PipelineCall(CallRunner& owner, std::span<const detail::EngineCall> pipeline, Waiter& who, Batch& in_common) noexcept
      : Operation(protocol::Waiting::on_thread, static_cast<std::uint32_t>(pipeline.size()),
                  protocol::Answers::one_each),
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
  Waiter& waiter;
  Batch& batch;
  std::size_t answered = 0;  // of `calls`
  TimePoint issued{};
  TimePoint call_deadline{};
  std::uint64_t first_number = 0;
  std::uint64_t caller = 0;
};

}  // namespace meridian::client
