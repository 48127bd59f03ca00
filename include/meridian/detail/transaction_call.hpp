/// \file
/// MULTI … EXEC as one request. Not for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <meridian/detail/engine.hpp>

namespace meridian::detail {

/// The whole transaction as one call: it goes out at once, at most once (TX-1), and its replies go to the outcomes of
/// the commands. https://redis.io/docs/latest/develop/using-commands/transactions/
class MERIDIAN_EXPORT TransactionCall final : public Outcome {
 public:
  /// `commands`: the encoded commands, one after another; they and the outcomes stay until it is over. `group`: told
  /// when it is over, if nobody waits on a thread.
  TransactionCall(std::string_view commands, std::span<const EngineCall> calls, class CallGroup* group = nullptr);
  ~TransactionCall() override;

  [[nodiscard]] RequestView request() const noexcept;

  /// Why nothing of it was committed, or may not have been. REQUIRES: over.
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }
  /// A watched key was changed by others: nothing was committed.
  [[nodiscard]] bool is_conflict() const noexcept {
    return error_ && error_->code() == ErrorCode::transaction_conflict;
  }

 private:
  void on_part(std::uint32_t index, ReplyView reply) noexcept override;
  void on_reply(const ReplyView& reply) noexcept override;
  void on_error(Error error) noexcept override;
  void on_done() noexcept override;
  void fail_all(const Error& error) noexcept;

  std::string bytes_;
  std::span<const EngineCall> calls_;
  CallGroup* group_;
  std::vector<std::pair<std::size_t, std::string>> refused_;  // commands that the server did not take into the queue
  std::string multi_refused_;                                 // what the server said, if it did
  std::optional<Error> error_;
};

}  // namespace meridian::detail
