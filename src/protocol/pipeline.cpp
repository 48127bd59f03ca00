#include "protocol/pipeline.hpp"

#include <algorithm>
#include <utility>

namespace meridian::protocol {
namespace {

// How much is handed to the socket in one call. Small enough that a slow socket leaves most commands unsent, which
// means free to follow a switch; large enough that the system call does not matter.
constexpr std::size_t stage_bytes = 64 << 10;

// What one large command needed is given back (I9).
constexpr std::size_t most_kept = 1 << 20;

// What a push says first, in RESP3 and, as an array, in RESP2. https://redis.io/docs/latest/develop/pubsub/
enum class PushKind { confirmation, message, other };

PushKind kind_of(const ReplyView& push) noexcept {
  if (push.size() == 0) return PushKind::other;
  const std::string_view word = (*push.begin()).as_string().value_or("");
  constexpr std::string_view confirm = "subscribe";
  if (word.ends_with(confirm)) {
    const std::string_view before = word.substr(0, word.size() - confirm.size());
    for (const std::string_view kind : {"", "p", "s", "un", "pun", "sun"}) {
      if (before == kind) return PushKind::confirmation;
    }
  }
  return word == "message" || word == "pmessage" || word == "smessage" ? PushKind::message : PushKind::other;
}

}  // namespace

void Pipeline::enqueue(Operation& operation) {
  operation.place_ = Operation::Place::queued;
  operation.number_ = queue_.end_number();
  queue_.push_back(&operation);
  ++queued_live_;
  queued_bytes_ += operation.bytes().size();
  ++(operation.waiting_ == Waiting::on_loop ? awaited_on_loop_ : awaited_on_thread_);
  if (operation.answers_ == Answers::confirmations) subscribes_ = true;
  note_deadline(operation.deadline());
}

void Pipeline::leave_line(Operation& operation) noexcept {
  operation.place_ = Operation::Place::none;
  --(operation.waiting_ == Waiting::on_loop ? awaited_on_loop_ : awaited_on_thread_);
}

Operation* Pipeline::first_awaited_on_thread() const noexcept {
  if (awaited_on_thread_ == 0) return nullptr;
  for (const Owed& owed : owed_) {
    if (owed.operation != nullptr && owed.operation->waiting_ == Waiting::on_thread) return owed.operation;
  }
  for (Operation* operation : queue_) {
    if (operation != nullptr && operation->waiting_ == Waiting::on_thread) return operation;
  }
  return nullptr;
}

Delivery Pipeline::abandon(Operation& operation) noexcept {
  if (!operation.is_in_line()) return Delivery::not_sent;
  const Delivery delivery = take_out(operation);
  leave_line(operation);
  return delivery;
}

// Out of the place where it stands; it still counts as in line.
Delivery Pipeline::take_out(Operation& operation) noexcept {
  Delivery delivery = Delivery::not_sent;
  if (operation.place_ == Operation::Place::queued) {
    queue_[operation.number_] = nullptr;
    --queued_live_;
    queued_bytes_ -= operation.bytes().size();
  } else if (operation.place_ == Operation::Place::owed) {
    // Staged bytes will still be written, so even what the socket has not accepted yet is in doubt.
    owed_[operation.number_].operation = nullptr;
    delivery = Delivery::in_doubt;
  } else if (operation.place_ == Operation::Place::ending) {
    Ending& ending = endings_[operation.number_ - endings_base_];
    ending.operation = nullptr;
    delivery = ending.failure.delivery;
  }
  return delivery;
}

void Pipeline::stage(TimePoint now) {
  output_.clear();
  if (output_.capacity() > most_kept) output_.shrink_to_fit();
  staged_ = 0;
  while (!queue_.empty() && output_.size() < stage_bytes) {
    Operation* operation = queue_.front();
    queue_.pop_front();
    if (operation == nullptr) continue;
    --queued_live_;
    const std::string_view bytes = operation->bytes();
    queued_bytes_ -= bytes.size();
    output_.append(bytes);
    staged_end_ += bytes.size();
    operation->place_ = Operation::Place::owed;
    operation->number_ = owed_.end_number();
    Owed& owed = owed_.add_back();
    owed.operation = operation;
    owed.end = staged_end_;
    owed.sent_at = now;
    owed.size = bytes.size();
    owed.may_take = operation->may_take_;
    owed.replies = operation->replies_;
    owed.answers = operation->answers_;
    owed.is_read = operation->is_read();
  }
}

std::string_view Pipeline::output(TimePoint now) {
  if (!writing_) return {};
  if (staged_ == output_.size()) stage(now);
  offered_ = staged_end_;
  return std::string_view(output_).substr(staged_);
}

std::string_view Pipeline::unfinished_output() noexcept {
  if (writing_) offered_ = staged_end_;
  return writing_ ? std::string_view(output_).substr(staged_) : std::string_view();
}

void Pipeline::accepted(std::size_t bytes, TimePoint now) {
  staged_ += bytes;
  accepted_ += bytes;
  offered_ = accepted_;
  if (bytes > 0) accepted_at_ = now;
}

inline void Pipeline::answer_front(const ReplyView& reply) {
  Owed& front = owed_.front();
  Operation* const operation = front.operation;
  if (--front.replies == 0) {
    owed_.pop_front();
    if (operation != nullptr) leave_line(*operation);
  }
  if (operation != nullptr) operation->on_reply(reply);
}

inline bool Pipeline::answer(const ReplyView& reply) {
  if (owed_.empty() || !is_answerable(owed_.front())) return refuse(reply);
  Owed& front = owed_.front();
  if (front.answers == Answers::confirmations) {
    if (!reply.is_error()) return break_protocol("a reply that is none to a subscription");
    front.replies = 1;
  }
  answer_front(reply);
  return true;
}

std::size_t Pipeline::measure_plain_value(std::string_view rest) noexcept {
  const bool is_whole = scanner_.scan(rest) == resp::ScanStatus::complete;
  const std::size_t length = scanner_.length();
  scanner_.reset();
  if (!is_whole) return 0;
  const ReplyView reply(rest.substr(0, length));
  return reply.is_error() || reply.type() == ReplyType::push ? 0 : length;
}

void Pipeline::caught_up(std::uint64_t bytes, TimePoint now) noexcept {
  accepted_ += bytes;
  staged_end_ = offered_ = accepted_;
  heard_at_ = accepted_at_ = now;
}

void Pipeline::take_up(Operation& operation, std::size_t answered, TimePoint sent_at) {
  enqueue(operation);
  static_cast<void>(output(sent_at));
  owed_.front().replies -= static_cast<std::uint32_t>(answered);
}

bool Pipeline::received(std::size_t bytes, TimePoint now, std::size_t taken) {
  input_.commit(bytes);
  if (taken > 0) input_.consume(taken);
  heard_at_ = now;
  std::string_view rest = input_.data();
  while (!dead_ && !rest.empty()) {
    // Most replies are bulk strings that are all there.
    if (const std::optional<std::string_view> bulk = scanner_.take_whole_bulk(rest)) {
      const char* const end = bulk->data() + bulk->size() + 2;
      const auto length = static_cast<std::size_t>(end - rest.data());
      if (!answer(ReplyView({rest.data(), length}, *bulk))) return false;
      rest = {end, rest.size() - length};
      continue;
    }
    const resp::ScanStatus status = scanner_.scan(rest);
    if (status == resp::ScanStatus::need_more) break;
    if (status == resp::ScanStatus::malformed) return break_protocol(std::string(scanner_.error()));
    const std::size_t length = scanner_.length();
    scanner_.reset();
    if (!dispatch(ReplyView(rest.substr(0, length)))) return false;
    rest.remove_prefix(length);
  }
  input_.consume(input_.data().size() - rest.size());
  return true;
}

// What calls forth several replies may have its first answered while its last bytes are still here: has enough been
// offered for its next reply?
bool Pipeline::is_answerable_in_part(const Owed& owed) const noexcept {
  if (owed.replies == 1 || owed.answers == Answers::confirmations || owed.begin() >= offered_) return false;
  if (owed.answers != Answers::one_each || owed.operation == nullptr) return true;
  const std::uint32_t answered = owed.operation->replies_ - owed.replies;
  return owed.operation->commands_within(static_cast<std::size_t>(offered_ - owed.begin())) > answered;
}

bool Pipeline::dispatch(const ReplyView& reply) {
  if (reply.type() == ReplyType::push ||
      (subscribes_ && reply.type() == ReplyType::array && kind_of(reply) != PushKind::other)) {
    dispatch_push(reply);
    return true;
  }
  return answer(reply);
}

// Data that nobody asked for: an extra reply would shift all that follow, so the connection ends here. An error text
// before our first command is how a full server says so.
bool Pipeline::refuse(const ReplyView& unasked) {
  const std::string text(unasked.is_error() ? unasked.as_string().value_or("") : "");
  return break_protocol(text.empty() ? "a reply that no command asked for" : text);
}

void Pipeline::dispatch_push(const ReplyView& push) {
  const bool confirmed = subscribes_ && !owed_.empty() && owed_.front().answers == Answers::confirmations &&
                         owed_.front().end <= offered_ && kind_of(push) == PushKind::confirmation;
  if (confirmed) answer_front(push);
  else if (push_handler_) push_handler_(push);
}

bool Pipeline::break_protocol(std::string reason) {
  protocol_error_ = std::move(reason);
  return false;
}

void Pipeline::note_deadline(TimePoint deadline) noexcept {
  if (!earliest_deadline_ || deadline < *earliest_deadline_) earliest_deadline_ = deadline;
}

std::optional<TimePoint> Pipeline::next_deadline() const noexcept { return earliest_deadline_; }

void Pipeline::expire(TimePoint now) {
  if (!earliest_deadline_ || now < *earliest_deadline_) return;
  // Deadlines of answered commands are not looked for again: one pass a timeout over what is still open is cheaper than
  // keeping order on every reply.
  earliest_deadline_.reset();
  std::vector<Operation*> expired;
  const auto visit = [&](Operation* operation) {
    if (operation == nullptr) return;
    if (operation->deadline() <= now) expired.push_back(operation);
    else note_deadline(operation->deadline());
  };
  for (const Owed& owed : owed_) visit(owed.operation);
  for (Operation* operation : queue_) {
    if (operation == nullptr) continue;
    if (operation->deadline() > now || !operation->waits_on(now)) visit(operation);
    else note_deadline(operation->deadline());
  }
  for (Operation* operation : expired) {
    const Delivery delivery = take_out(*operation);
    settle(*operation, {ErrorCode::timed_out, delivery, "no answer in time"});
  }
  run_endings();
}

// All leave their places before the first callback, which may enqueue, abandon others that end with it, or fail
// everything.
void Pipeline::settle(Operation& operation, Failure failure) {
  operation.place_ = Operation::Place::ending;
  operation.number_ = endings_base_ + endings_.size();
  endings_.push_back({&operation, std::move(failure)});
}

void Pipeline::run_endings() {
  while (!endings_.empty()) {
    const Ending ending = std::move(endings_.front());
    endings_.pop_front();
    ++endings_base_;
    if (ending.operation == nullptr) continue;
    if (ending.kept) {
      ending.operation->on_cut(*ending.kept, ending.failure);
      continue;
    }
    leave_line(*ending.operation);
    ending.operation->on_failure(ending.failure);
  }
}

std::optional<TimePoint> Pipeline::owed_since() const noexcept {
  if (owed_.empty()) return std::nullopt;
  const Owed& front = owed_.front();
  if (front.may_take == Duration::max()) return std::nullopt;
  const TimePoint since = std::max(front.sent_at + front.may_take, heard_at_);
  return is_writing_what_is_owed() ? std::max(since, accepted_at_) : since;
}

OwedSummary Pipeline::owed_summary() const noexcept {
  OwedSummary summary;
  summary.replies = owed_.size();
  for (const Owed& owed : owed_) {
    if (owed.is_read) continue;
    const Operation* const operation = owed.operation;
    const bool is_known = operation != nullptr && owed.answers == Answers::one_each;
    const std::size_t size = is_known ? operation->largest_write(operation->replies_ - owed.replies) : owed.size;
    summary.writes = summary.writes || size > 0;
    summary.largest_write = std::max(summary.largest_write, size);
  }
  return summary;
}

void Pipeline::stop_writing(const Failure& failure) {
  writing_ = false;
  const Failure not_sent{failure.code, Delivery::not_sent, failure.message};
  std::uint64_t first_unsent = owed_.first_number();
  while (first_unsent != owed_.end_number() && owed_[first_unsent].end <= accepted_) ++first_unsent;
  if (first_unsent != owed_.end_number() && cut(owed_[first_unsent], not_sent)) ++first_unsent;
  for (std::uint64_t number = first_unsent; number != owed_.end_number(); ++number) {
    if (Operation* const operation = owed_[number].operation) settle(*operation, not_sent);
  }
  owed_.cut(first_unsent);
  for (Operation* operation : queue_) {
    if (operation != nullptr) settle(*operation, not_sent);
  }
  queue_.cut(queue_.first_number());
  queued_live_ = 0;
  queued_bytes_ = 0;
  output_.clear();
  staged_ = 0;
  run_endings();
}

void Pipeline::fail_all(const Failure& failure) {
  dead_ = true;
  // First those that were sent, so that the callbacks see the order of issue.
  fail_sent(failure);
  if (!owed_.empty() && cut(owed_.front(), {failure.code, Delivery::not_sent, failure.message})) fail_sent(failure);
  stop_writing(failure);
}

void Pipeline::fail_sent(const Failure& failure) {
  while (!owed_.empty() && owed_.front().end <= accepted_) {
    Operation* operation = owed_.front().operation;
    owed_.pop_front();
    if (operation != nullptr) settle(*operation, {failure.code, Delivery::in_doubt, failure.message});
  }
}

// Of several commands in one, those that were sent whole stay in line without the others. False: there are none.
bool Pipeline::cut(Owed& owed, const Failure& not_sent) {
  if (owed.answers != Answers::one_each || owed.operation == nullptr || accepted_ <= owed.begin()) return false;
  Operation& operation = *owed.operation;
  const std::uint32_t kept = operation.commands_within(static_cast<std::size_t>(accepted_ - owed.begin()));
  const std::uint32_t answered = operation.replies_ - owed.replies;
  if (kept <= answered) return false;
  endings_.push_back({&operation, not_sent, kept});
  operation.replies_ = kept;
  owed.replies = kept - answered;
  owed.size = static_cast<std::size_t>(accepted_ - owed.begin());
  owed.end = accepted_;
  return true;
}

}  // namespace meridian::protocol
