// One command on its way through one connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <meridian/command.hpp>
#include <meridian/time.hpp>

namespace meridian::protocol {

// Why an operation got no reply. The delivery is per operation; the rest is shared by all that a connection owed.
struct Failure {
  ErrorCode code = ErrorCode::connection_lost;
  Delivery delivery = Delivery::not_sent;
  std::string message;
};

// Who waits for the reply: a thread that can read it from the socket by itself, or the loop.
enum class Waiting : std::uint8_t { on_loop, on_thread };

// What answers an operation.
enum class Answers : std::uint8_t {
  replies,        // as many as were announced, whatever they say: MULTI … EXEC
  one_each,       // as many as it has commands, which belong together only while all goes well: see `on_cut`
  confirmations,  // as many pushes that confirm a subscription (in RESP2: arrays), or one error instead: SUBSCRIBE a b
};

// Owned by whoever enqueues it, who keeps it alive until its last reply or its failure was told or `Pipeline::abandon`
// returned. The callbacks run on the connection's loop; after the last one the pipeline never touches the operation
// again. A connection that carries an operation answered by confirmations carries nothing beside such ones but PING
// and, in RESP3, AUTH.
class Operation {
 public:
  // `replies` ≥ 1: how many its bytes call forth.
  explicit Operation(Waiting waiting = Waiting::on_loop, std::uint32_t replies = 1,
                     Answers answers = Answers::replies) noexcept
      : waiting_(waiting), answers_(answers), replies_(replies) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // The encoded command; stays valid and unchanged until the callback.
  [[nodiscard]] virtual std::string_view bytes() const noexcept = 0;
  [[nodiscard]] virtual bool is_read() const noexcept = 0;

  // When this attempt has waited long enough.
  [[nodiscard]] virtual TimePoint deadline() const noexcept = 0;

  // That has come, and nothing of it was written. True: it has another one now, and keeps its place in the line.
  [[nodiscard]] virtual bool waits_on(TimePoint now) noexcept {
    static_cast<void>(now);
    return false;
  }

  // The reply, which may be an error reply; valid during the call. Called for each, if there are several: it is in line
  // until the last one. Of those that are still missing when it fails, the failure says what holds for the whole.
  virtual void on_reply(const ReplyView& reply) noexcept = 0;
  virtual void on_failure(const Failure& failure) noexcept = 0;

  // Answers::one_each: how many of its commands are within its first `bytes`.
  [[nodiscard]] virtual std::uint32_t commands_within(std::size_t bytes) const noexcept {
    static_cast<void>(bytes);
    return 0;
  }

  // The same: commands behind the first `kept` were not sent and never will be; what becomes of the others is told as
  // before. Called at most once, before the last callback.
  virtual void on_cut(std::uint32_t kept, const Failure& failure) noexcept {
    static_cast<void>(kept);
    static_cast<void>(failure);
  }

  // The bytes of the largest command that writes, but for the first `answered` ones of several; 0: there is none.
  [[nodiscard]] virtual std::size_t largest_write(std::uint32_t answered) const noexcept {
    static_cast<void>(answered);
    return is_read() ? 0 : bytes().size();
  }

  // For one that waits on a thread: nobody reads the connection now, and it is its turn to.
  virtual void lead() noexcept {}

  [[nodiscard]] std::uint32_t replies() const noexcept { return replies_; }

  // How long the peer may keep it waiting without being silent: the timeout of a blocking command. `Duration::max()`:
  // as long as it likes.
  [[nodiscard]] Duration may_take() const noexcept { return may_take_; }

  // It is in line: neither its last reply nor its failure has been told.
  [[nodiscard]] bool is_in_line() const noexcept { return place_ != Place::none; }

 protected:
  virtual ~Operation() = default;
  // What a clock cannot hold is for ever.
  void let_take(Duration longest) noexcept {
    may_take_ = longest > std::chrono::hours(24 * 365 * 100) ? Duration::max() : longest;
  }

 private:
  friend class Pipeline;
  enum class Place : std::uint8_t { none, queued, owed, ending };
  Place place_ = Place::none;
  const Waiting waiting_;
  const Answers answers_;
  std::uint32_t replies_;
  Duration may_take_{0};
  std::uint64_t number_ = 0;  // its position in the queue, line or list of endings it stands in
};

}  // namespace meridian::protocol
