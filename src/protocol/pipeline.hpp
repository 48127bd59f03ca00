// The commands of one connection, in order: queued, handed to the socket, owed a reply. Sans-io: bytes are asked for
// and given by whoever drives the connection. Knows at every moment which commands the socket has accepted to the last
// byte, which is what every Delivery rests on (design.md, section 3).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/line.hpp"
#include "protocol/operation.hpp"
#include "resp/input_buffer.hpp"
#include "resp/scanner.hpp"

namespace meridian::protocol {

// What a connection that went silent still owes.
struct OwedSummary {
  std::size_t replies = 0;
  bool writes = false;            // some of them to writes
  std::size_t largest_write = 0;  // bytes of the largest such command
};

class Pipeline {
 public:
  explicit Pipeline(const resp::Limits& limits) : scanner_(limits) {}

  // Called with each push that answers nothing; the view is valid during the call. On a connection that subscribes, an
  // array that is one in RESP2 counts, too.
  void on_push(std::function<void(ReplyView)> handler) { push_handler_ = std::move(handler); }

  // Puts the operation in line. It stays `not_sent` until the bytes that `output` returns include its last one.
  void enqueue(Operation& operation);

  // Takes the operation out without a callback. Its reply, if one comes, is dropped (CMD-2). Returns what is known of
  // its delivery.
  Delivery abandon(Operation& operation) noexcept;

  // The bytes to hand to the socket next; empty if there are none. Commands count as handed over from here on: the
  // write call follows at once (in doubt begins at the write call).
  [[nodiscard]] std::string_view output(TimePoint now);

  // The rest of what `output` returned before, without adding to it.
  [[nodiscard]] std::string_view unfinished_output() noexcept;

  // The socket accepted the first `bytes` of `output()`, perhaps none. Replies may come before this is called: from
  // `output` to here everything that it returned may have been accepted.
  void accepted(std::size_t bytes, TimePoint now);

  [[nodiscard]] bool has_output() const noexcept { return staged_ < output_.size() || queued_live_ > 0; }

  // Where to read into, and then how much was read, of which the first `taken` bytes were taken by `take_plain_reply`.
  // False: the peer broke the protocol, `protocol_error()` says how; the connection must be closed. Callbacks run
  // inside `received`; `fail_all` may be called from them.
  [[nodiscard]] std::span<char> input_space() { return input_.space(); }
  [[nodiscard]] bool received(std::size_t bytes, TimePoint now, std::size_t taken = 0);
  [[nodiscard]] const std::string& protocol_error() const noexcept { return protocol_error_; }

  // --- For a thread that is alone with the connection: what it does there is told afterwards.

  // Nothing is in line, on its way or half read.
  [[nodiscard]] bool is_idle() const noexcept {
    return owed_.empty() && queued_live_ == 0 && staged_ == output_.size() && input_.data().empty();
  }

  // Gives `take` the reply that `rest` begins with, and returns its length: if it is all there, and neither an error
  // nor a push. 0: it is not so simple, and nothing has happened. `rest` is what has been read into `input_space()` and
  // not been taken. REQUIRES: is_idle().
  template <class Take>
  [[nodiscard]] std::size_t take_plain_reply(std::string_view rest, Take take) {
    if (const std::optional<std::string_view> bulk = scanner_.take_whole_bulk(rest)) {
      const auto length = static_cast<std::size_t>(bulk->data() + bulk->size() + 2 - rest.data());
      take(ReplyView({rest.data(), length}, *bulk));
      return length;
    }
    const std::size_t length = measure_plain_value(rest);
    if (length > 0) take(ReplyView(rest.substr(0, length)));
    return length;
  }

  // So many bytes were accepted, and all their replies taken, the last of them `now`. REQUIRES: is_idle().
  void caught_up(std::uint64_t bytes, TimePoint now) noexcept;

  // `operation` was handed over at `sent_at`, and all but its first `answered` replies are still owed; `accepted` tells
  // how far it got. REQUIRES: is_idle().
  void take_up(Operation& operation, std::size_t answered, TimePoint sent_at);

  // The first command that is owed a reply has been abandoned, or has expired.
  [[nodiscard]] bool is_front_given_up() const noexcept { return !owed_.empty() && owed_.front().operation == nullptr; }

  // An operation answered by confirmations has been here.
  [[nodiscard]] bool subscribes() const noexcept { return subscribes_; }

  // When bytes came last; inside a callback: the present.
  [[nodiscard]] TimePoint heard_at() const noexcept { return heard_at_; }

  // The earliest moment at which `expire` may find something; never later than the earliest deadline.
  [[nodiscard]] std::optional<TimePoint> next_deadline() const noexcept;

  // Ends every operation whose deadline has come with `timed_out`. Their places in line stay.
  void expire(TimePoint now);

  [[nodiscard]] std::size_t queued() const noexcept { return queued_live_; }
  [[nodiscard]] std::size_t queued_bytes() const noexcept { return queued_bytes_; }
  [[nodiscard]] std::size_t owed() const noexcept { return owed_.size(); }

  // Commands in line that the loop waits for, and the oldest one in line that a thread waits for (null: none).
  [[nodiscard]] std::size_t awaited_on_loop() const noexcept { return awaited_on_loop_; }
  [[nodiscard]] Operation* first_awaited_on_thread() const noexcept;

  // Since when the peer has owed us a reply without sending a byte; nothing if it owes none.
  // While the first command that is owed one is still being written, it owes none for as long as that goes on; nor
  // while that command may wait at the server.
  [[nodiscard]] std::optional<TimePoint> owed_since() const noexcept;
  [[nodiscard]] bool is_writing_what_is_owed() const noexcept {
    return !owed_.empty() && owed_.front().end > accepted_;
  }
  [[nodiscard]] OwedSummary owed_summary() const noexcept;

  // Nothing more is written, ever. Everything that was not handed over to its last byte fails as `not_sent` with
  // `failure`'s code and message, in order.
  void stop_writing(const Failure& failure);

  // The connection is gone: every operation fails, `in_doubt` where its last byte was accepted, else `not_sent`. The
  // code is `failure`'s. REQUIRES: nothing is enqueued from here on.
  void fail_all(const Failure& failure);

 private:
  struct Owed {
    Operation* operation;  // null: abandoned
    std::uint64_t end;     // the stream offset behind its last byte
    TimePoint sent_at;
    std::size_t size;
    Duration may_take;      // without the peer being silent
    std::uint32_t replies;  // that are still to come
    Answers answers;
    bool is_read;

    [[nodiscard]] std::uint64_t begin() const noexcept { return end - size; }
  };

  // An operation whose outcome is settled and whose callback is still to run.
  struct Ending {
    Operation* operation;  // null: abandoned by an earlier callback
    Failure failure;
    std::optional<std::uint32_t> kept{};  // set: only its commands behind so many end
  };

  void stage(TimePoint now);
  void settle(Operation& operation, Failure failure);
  [[nodiscard]] bool cut(Owed& owed, const Failure& not_sent);
  void fail_sent(const Failure& failure);
  [[nodiscard]] bool is_answerable(const Owed& owed) const noexcept {
    return owed.end <= offered_ || is_answerable_in_part(owed);
  }
  [[nodiscard]] bool is_answerable_in_part(const Owed& owed) const noexcept;
  void run_endings();
  [[nodiscard]] bool dispatch(const ReplyView& reply);
  void dispatch_push(const ReplyView& push);
  [[nodiscard]] bool answer(const ReplyView& reply);
  void answer_front(const ReplyView& reply);
  [[nodiscard]] std::size_t measure_plain_value(std::string_view rest) noexcept;
  [[nodiscard]] bool refuse(const ReplyView& unasked);
  void note_deadline(TimePoint deadline) noexcept;
  Delivery take_out(Operation& operation) noexcept;
  void leave_line(Operation& operation) noexcept;
  [[nodiscard]] bool break_protocol(std::string reason);

  // Queued operations; an abandoned one leaves a null behind.
  Line<Operation*> queue_;
  std::size_t queued_live_ = 0;
  std::size_t queued_bytes_ = 0;  // of those
  std::size_t awaited_on_loop_ = 0;
  std::size_t awaited_on_thread_ = 0;

  Line<Owed> owed_;

  std::deque<Ending> endings_;
  std::uint64_t endings_base_ = 0;

  std::string output_;          // bytes of the staged commands…
  std::size_t staged_ = 0;      // … of which so many are accepted
  std::uint64_t accepted_ = 0;  // offset in the connection's outgoing stream
  std::uint64_t offered_ = 0;   // the same of what a write under way may add to it
  std::uint64_t staged_end_ = 0;

  resp::InputBuffer input_;
  resp::Scanner scanner_;
  std::string protocol_error_;
  std::function<void(ReplyView)> push_handler_;

  TimePoint heard_at_{};
  TimePoint accepted_at_{};
  std::optional<TimePoint> earliest_deadline_;
  bool subscribes_ = false;
  bool writing_ = true;
  bool dead_ = false;
};

}  // namespace meridian::protocol
