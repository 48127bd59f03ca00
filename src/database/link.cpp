#include "database/link.hpp"

#include <algorithm>
#include <utility>

#include "core/decision.hpp"
#include "core/server_text.hpp"

namespace meridian::database {
namespace {

// How much is read before others on the loop get their turn.
constexpr std::size_t read_turn_bytes = 256 << 10;

// Enough to keep a socket at work until the loop is there again; `max_queued_bytes` holds for what waits outside.
constexpr std::size_t congested_commands = 1024;
constexpr std::size_t congested_bytes = 4 << 20;

// So often one turn's end writes before somebody else goes on with it.
constexpr int most_writes = 4;

ErrorCode code_of(io::IoStatus status, bool was_ready) noexcept {
  if (status == io::IoStatus::tls) return ErrorCode::tls_failed;
  if (was_ready) return status == io::IoStatus::local ? ErrorCode::local_resource : ErrorCode::connection_lost;
  switch (status) {
    case io::IoStatus::refused: return ErrorCode::connect_refused;
    case io::IoStatus::timed_out: return ErrorCode::connect_timeout;
    case io::IoStatus::not_resolved: return ErrorCode::name_not_resolved;
    case io::IoStatus::local: return ErrorCode::local_resource;
    default: return ErrorCode::connect_failed;
  }
}

// An operation that nobody waits for: it frees itself when its reply or failure comes.
class IdlePing final : public protocol::Operation {
 public:
  [[nodiscard]] std::string_view bytes() const noexcept override { return "*1\r\n$4\r\nPING\r\n"; }
  [[nodiscard]] bool is_read() const noexcept override { return true; }
  [[nodiscard]] TimePoint deadline() const noexcept override { return TimePoint::max(); }
  void on_reply(const ReplyView&) noexcept override { delete this; }
  void on_failure(const protocol::Failure&) noexcept override { delete this; }
};

// What a program's own code does wrong becomes an answer, too.
Result<Credentials> ask(CredentialsProvider& provider) {
  try {
    return provider.credentials();
  } catch (const std::exception& thrown) {
    return fail(ErrorCode::authentication_failed, Delivery::not_sent,
                std::string("the credentials provider failed: ") + thrown.what());
  } catch (...) {
    return fail(ErrorCode::authentication_failed, Delivery::not_sent, "the credentials provider failed");
  }
}

resp::Limits limits_of(const ReplyLimits& limits) {
  return {.depth = limits.depth,
          .elements_per_aggregate = limits.elements_per_aggregate,
          .elements_per_reply = limits.elements_per_reply,
          .bulk_bytes = limits.bulk_bytes,
          .line_bytes = limits.line_bytes};
}

}  // namespace

class Link::HandshakeStep final : public protocol::Operation {
 public:
  HandshakeStep(protocol::Handshake& handshake, std::string bytes) : handshake_(handshake), bytes_(std::move(bytes)) {}
  [[nodiscard]] std::string_view bytes() const noexcept override { return bytes_; }
  [[nodiscard]] bool is_read() const noexcept override { return true; }
  [[nodiscard]] TimePoint deadline() const noexcept override { return TimePoint::max(); }
  // What it comes to is acted on when the pipeline has returned (see read_some).
  void on_reply(const ReplyView& reply) noexcept override { handshake_.on_reply(reply); }
  void on_failure(const protocol::Failure&) noexcept override {}  // the link's own end says it all

 private:
  protocol::Handshake& handshake_;
  std::string bytes_;
};

// As the idle PING. Lives at most as long as its link: the end of a link fails it.
class Link::Reauthentication final : public protocol::Operation {
 public:
  Reauthentication(Link& link, const Credentials& credentials)
      : link_(link), request_(protocol::auth_request(credentials)), password_(credentials.password) {}
  [[nodiscard]] std::string_view bytes() const noexcept override { return request_.bytes; }
  [[nodiscard]] bool is_read() const noexcept override { return true; }
  [[nodiscard]] TimePoint deadline() const noexcept override { return TimePoint::max(); }
  void on_reply(const ReplyView& reply) noexcept override {
    const std::unique_ptr<Reauthentication> self(this);
    if (!reply.is_error()) return;
    const std::string text = protocol::refusal_text(reply.as_string().value_or(""), password_);
    link_.owner_->on_credentials_refused(link_, link_.where() + ": new credentials were refused: " + text);
  }
  void on_failure(const protocol::Failure&) noexcept override { delete this; }

 private:
  Link& link_;
  Request request_;
  Secret password_;
};

Link::Link(io::World& world, const LinkSpec& spec, LinkId id, LinkOwner& owner)
    : world_(world),
      spec_(spec),
      id_(id),
      owner_(&owner),
      pipeline_(limits_of(spec.options.limits)),
      timer_(world.loop.make_timer()) {
  const ClientOptions& options = spec.options;
  pipeline_.on_push([this](ReplyView push) { owner_->on_link_push(*this, push); });
  close_at_ = world.clock.now() + options.connect_timeout;
  const io::SocketOptions socket{.tcp_user_timeout = options.tcp_user_timeout.value_or(2 * options.command_timeout),
                                 .keepalive_idle = options.keepalive.idle,
                                 .keepalive_interval = options.keepalive.interval,
                                 .keepalive_count = options.keepalive.count,
                                 .tls = &options.tls};
  attempt_ = world.connector.connect(spec.address, socket,
                                     [this](io::ConnectOutcome outcome) { on_connected(std::move(outcome)); });
  schedule();
}

Link::~Link() {
  // Operations still here belong to owners that went first (the client is being destroyed).
  if (state_ != State::closed) end(ErrorCode::closed, "the client was closed", true);
}

void Link::bind(const EpochGate* gate, std::uint64_t epoch) noexcept {
  gate_ = gate;
  epoch_ = epoch;
}

void Link::on_connected(io::ConnectOutcome outcome) {
  attempt_.reset();
  if (outcome.status != io::IoStatus::ok) {
    end(code_of(outcome.status, false), "connecting to " + outcome.detail, false);
    return;
  }
  stream_ = std::move(outcome.stream);
  if (spec_.options.credentials) ask_for_credentials(&Link::on_first_credentials);
  else begin_handshake({spec_.options.user, spec_.options.password});
}

// The provider is the program's own code and may block: it is asked elsewhere.
void Link::ask_for_credentials(void (Link::*then)(const Answer& answer)) {
  must_ask_again_ = false;
  const bool asking =
      world_.errands.run([provider = spec_.options.credentials, weak = weak_from_this(), then]() -> io::Task {
        return [weak, then, answer = ask(*provider)] {
          if (const auto self = weak.lock(); self && self->state_ != State::closed) ((*self).*then)(answer);
        };
      });
  if (asking || state_ == State::ready) return;
  end(ErrorCode::local_resource, where() + ": no thread left to ask the credentials provider on", false);
}

void Link::on_first_credentials(const Answer& answer) {
  if (answer) begin_handshake(*answer);
  else end(ErrorCode::authentication_failed, where() + ": " + answer.error().message(), false);
}

void Link::begin_handshake(Credentials credentials) {
  handshake_.emplace(spec_.options, std::move(credentials));
  state_ = State::handshake;
  listen();
  send_handshake();
}

void Link::authenticate_again() {
  must_ask_again_ = true;
  if (state_ == State::ready) ask_for_credentials(&Link::on_new_credentials);
}

void Link::on_new_credentials(const Answer& answer) {
  if (state_ != State::ready) return;
  if (!answer) return owner_->on_credentials_refused(*this, where() + ": " + answer.error().message());
  if (answer->user.empty() && answer->password.empty()) return;
  // Who is subscribed in RESP2 may not: the next connection is made with them.
  if (pipeline_.subscribes() && handshake_->protocol_version() == 2) return;
  enqueue(*new Reauthentication(*this, *answer));
}

void Link::send_handshake() {
  steps_.clear();
  for (const Request& request : handshake_->requests()) {
    steps_.push_back(std::make_unique<HandshakeStep>(*handshake_, std::string(std::string_view(request.bytes))));
    pipeline_.enqueue(*steps_.back());
  }
  world_.loop.at_turn_end(*this);
}

void Link::become_ready() {
  steps_.clear();
  state_ = State::ready;
  ready_at_ = last_activity_ = world_.clock.now();
  schedule();
  if (must_ask_again_) authenticate_again();
  owner_->on_link_ready(*this);
}

void Link::enqueue(protocol::Operation& operation) { enqueue(operation, TimePoint()); }

void Link::enqueue(protocol::Operation& operation, TimePoint now) {
  pipeline_.enqueue(operation);
  asked_at_ = now;
  if (reader_ != Reader::loop && reader_ != Reader::caller && pipeline_.awaited_on_loop() > 0) listen();
  world_.loop.at_turn_end(*this);
  note_congestion();
}

// Congestion ends by writing, and by commands that expire; either way the owner is told, because calls wait for it.
void Link::note_congestion() {
  const bool is_full =
      waiting_writable_ && (pipeline_.queued() >= congested_commands || pipeline_.queued_bytes() >= congested_bytes);
  if (!std::exchange(congested_, is_full) || is_full || state_ != State::ready) return;
  owner_->on_link_takes_more(*this);
}

bool Link::may_write() const noexcept {
  if (state_ == State::handshake) return true;
  if ((state_ != State::ready && state_ != State::retired) || write_failed_) return false;
  const bool current = state_ == State::ready && (gate_ == nullptr || gate_->admits(epoch_));
  return core::decide<core::Decision::write_of_old_epoch>(current, true);
}

void Link::end_turn() {
  const TimePoint asked_at = std::exchange(asked_at_, TimePoint());
  if (writing_) return;  // whoever is at it takes up what has been queued meanwhile
  writing_ = true;
  std::shared_ptr<Link> keep;  // while others have turns
  const TimePoint began = asked_at != TimePoint() ? asked_at : world_.clock.now();
  // The check and the write are one step: once an epoch is published, nothing of an older one passes, because the
  // switch first waits for the write under way (`settle_write_under_way`).
  int rounds = 0;
  for (; rounds < most_writes && !waiting_writable_ && may_write(); ++rounds) {
    // A silent connection is given nothing new, but what was begun is finished: it may be what the answer waits for.
    const TimePoint now = rounds == 0 ? began : world_.clock.now();
    const std::string_view bytes = silent_ ? pipeline_.unfinished_output() : pipeline_.output(now);
    if (bytes.empty()) break;
    if (alone_) {
      written_ = stream_->try_write(bytes);
    } else {
      if (!keep) keep = shared_from_this();
      write_mutex_.lock();
      world_.loop.step_out();
      written_ = stream_->try_write(bytes);
      write_mutex_.unlock();
      world_.loop.step_in();
    }
    settle_write(now);
    if (!pipeline_.has_output()) break;
  }
  writing_ = false;
  if (state_ == State::closed) {
    if (reader_ != Reader::caller) stream_->close();  // `end` left that to us
    return;
  }
  if (rounds == most_writes) write_later();
  note_congestion();
  schedule_after(began);
}

// What is queued gathers company while the server has enough to do: written in one piece it costs both ends less. But
// with a processor of its own the server is not to run dry meanwhile, or one end sleeps while the other works (on a
// virtual machine of two processors, threads: 8 of them make 1.6 times the calls of hiredis in place of 0.7; telling:
// 64 in flight make 1.1 times those of the bare socket in place of 0.8). On one it could do nothing anyway.
bool Link::can_wait(Next next) const noexcept {
  if (world_.processors == 1 || writing_) return true;
  const std::size_t queued = pipeline_.queued();
  const std::size_t owed = pipeline_.owed();
  return next == Next::other_thread ? queued < 2 * owed : 2 * queued < owed;
}

// Others go on asking while this writes: somebody else's turn, or this thread would do nothing else.
void Link::write_later() {
  world_.loop.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->state_ != State::closed) self->world_.loop.at_turn_end(*self);
  });
}

void Link::settle_write(TimePoint now) {
  if (!written_) return;
  const io::IoResult written = *std::exchange(written_, std::nullopt);
  pipeline_.accepted(written.bytes, now);
  switch (written.status) {
    case io::IoStatus::ok:
      last_activity_ = now;
      if (pipeline_.is_writing_what_is_owed()) patience_.reset();
      return;
    case io::IoStatus::would_block:
      waiting_writable_ = true;
      stream_->wait_writable([this] {
        waiting_writable_ = false;
        if (state_ != State::closed) world_.loop.at_turn_end(*this);
      });
      return;
    default:
      // Replies may have come before the end; what they answer is not in doubt.
      write_failed_ = true;
      if (reader_ == Reader::caller) return;  // it reads them, and then the end
      look();
      end(code_of(written.status, state_ == State::ready),
          "connection to " + where() + " lost while writing: " + words_for(written.status), false);
  }
}

std::string Link::words_for(io::IoStatus status) const {
  const std::string more = stream_->failure();
  return std::string(io::to_string(status)) + (more.empty() ? "" : ": " + more);
}

// For those who stop writing: afterwards it is known what the socket has accepted.
void Link::settle_write_under_way() {
  if (!writing_) return;
  const std::lock_guard lock(write_mutex_);
  if (!written_) return;
  pipeline_.accepted(written_->bytes, world_.clock.now());
  written_.reset();
}

void Link::listen() {
  reader_ = Reader::loop;
  stream_->wait_readable([this] {
    read_some();
    if (state_ != State::closed && reader_ == Reader::loop) listen();
  });
}

void Link::look() {
  if (stream_ != nullptr && state_ != State::closed && reader_ != Reader::caller) read_some();
}

void Link::read_some() {
  if (reading_) return;  // a look from inside a callback: the outer read goes on anyway
  reading_ = true;
  std::size_t taken = 0;
  while (state_ != State::closed && taken < read_turn_bytes) {
    const std::span<char> space = pipeline_.input_space();
    const io::IoResult got = stream_->try_read(space);
    if (got.status == io::IoStatus::would_block || !take_in(got)) break;
    taken += got.bytes;
    if (got.bytes < space.size()) break;
  }
  reading_ = false;
  if (state_ != State::closed) schedule();
}

// What a read brought. False if it was the end of the connection.
bool Link::take_in(const io::IoResult& got, std::size_t taken) {
  if (got.status != io::IoStatus::ok) {
    if (got.status == io::IoStatus::eof) good_until_ = world_.clock.now();
    end(code_of(got.status, state_ == State::ready || state_ == State::retired),
        "connection to " + where() + " lost: " + words_for(got.status), false);
    return false;
  }
  const TimePoint now = world_.clock.now();
  if (!pipeline_.received(got.bytes, now, taken)) {
    const bool full = pipeline_.protocol_error().starts_with("ERR max number of clients");
    end(full ? ErrorCode::max_clients : ErrorCode::protocol_error,
        "connection to " + where() + " closed: " + core::escape_server_text(pipeline_.protocol_error()), false);
    return false;
  }
  if (state_ == State::closed) return false;
  on_heard(now);
  if (state_ != State::ready) go_on();
  return state_ != State::closed;
}

// What was read may have been the last that the handshake or the drain waited for.
void Link::go_on() {
  if (state_ == State::handshake && handshake_->progress() == protocol::Handshake::Progress::refused) {
    end(handshake_->refusal().code, where() + ": " + handshake_->refusal().message, false);
  } else if (state_ == State::handshake && pipeline_.owed() == 0 && pipeline_.queued() == 0) {
    if (handshake_->progress() == protocol::Handshake::Progress::done) become_ready();
    else send_handshake();
  } else if (state_ == State::retired && pipeline_.owed() == 0) {
    end(ErrorCode::closed, "connection to " + where() + " retired", true);
  }
}

bool Link::may_lead() const noexcept {
  return state_ == State::ready && (reader_ == Reader::loop || reader_ == Reader::nobody) && !quiet_ &&
         !waiting_writable_ && pipeline_.awaited_on_loop() == 0 && stream_->can_read_wait();
}

void Link::lead(Writing writing) {
  if (reader_ == Reader::loop) {
    stream_->unwatch();
    watch_again_later();
  }
  reader_ = Reader::caller;
  was_led_ = true;
  const std::span<char> space = pipeline_.input_space();
  alone_ = writing == Writing::alone;
  if (writing == Writing::later) world_.loop.leave_unfinished();
  else world_.loop.leave();
  const io::IoResult got = stream_->read_wait(space, io::ReadWait::limited);
  world_.loop.enter();
  come_back(got, 0);
}

void Link::come_back(const io::IoResult& got, std::size_t taken) {
  alone_ = false;  // others may have come meanwhile
  endless_ = false;
  reader_ = Reader::nobody;
  if (state_ == State::closed) {
    if (!writing_) stream_->close();  // `end` left that to us
    return;
  }
  if (got.status == io::IoStatus::would_block) {
    quiet_ = true;
    if (write_failed_) {
      end(ErrorCode::connection_lost, "connection to " + where() + " lost while writing", false);
      return;
    }
    listen();
    return;
  }
  reading_ = true;
  const bool open = take_in(got, taken);
  reading_ = false;
  if (!open) return;
  if (write_failed_) {
    look();  // what has come still counts
    end(ErrorCode::connection_lost, "connection to " + where() + " lost while writing", false);
    return;
  }
  schedule_after(pipeline_.heard_at());
}

// The timer comes by before anything has to be noticed that a thread alone might have begun meanwhile. Where no silence
// ends the connection by the time that a call is up, its thread could not be woken without doing more than that.
bool Link::may_be_alone() const {
  if (reader_ != Reader::nobody || !may_lead() || !may_write() || silent_ || congested_ || writing_) return false;
  const ClientOptions& options = spec_.options;
  if (!pipeline_.is_idle() || !armed_ || spec_.silent_after > options.command_timeout) return false;
  return *armed_ <= world_.clock.now() + std::min({spec_.silent_after, options.idle_ping, options.command_timeout});
}

void Link::caught_up(std::uint64_t bytes, TimePoint now) noexcept {
  if (bytes == 0) return;
  pipeline_.caught_up(bytes, now);
  last_activity_ = good_until_ = now;
  was_led_ = true;
}

void Link::take_up(protocol::Operation& operation, std::size_t answered, TimePoint sent_at, const io::IoResult& written,
                   Thread thread) {
  pipeline_.take_up(operation, answered, sent_at);
  was_led_ = true;
  if (thread == Thread::reads) {
    reader_ = Reader::caller;
    endless_ = true;
  }
  written_ = written;
  settle_write(sent_at);
  if (state_ != State::closed) schedule_after(sent_at);
}

void Link::stop_leading() {
  if (reader_ != Reader::nobody || state_ == State::closed) return;
  if (!may_lead()) listen();
  else if (protocol::Operation* next = pipeline_.first_awaited_on_thread()) {
    reader_ = Reader::promised;
    next->lead();
  }
}

// An idle connection goes back to the loop a moment later, so that a thread that makes one call after another does not
// pay for it each time.
void Link::watch_again_later() {
  if (!watch_timer_) watch_timer_ = world_.loop.make_timer();
  watch_timer_->arm(world_.clock.now() + io::longest_read_wait, [this] {
    if (state_ == State::closed || reader_ == Reader::loop) return;
    // A promise that nobody has come for by now is the loop's to keep.
    if (std::exchange(was_led_, false) || reader_ == Reader::caller) watch_again_later();
    else listen();
  });
}

void Link::on_heard(TimePoint now) {
  last_activity_ = now;
  good_until_ = now;
  quiet_ = false;
  patience_.reset();
  if (!silent_) return;
  silent_ = false;
  owner_->on_link_heard(*this);
  if (state_ != State::closed) world_.loop.at_turn_end(*this);
}

void Link::retire(Duration drain) {
  if (state_ == State::closed || state_ == State::retired) return;
  if (state_ != State::ready) {
    end(ErrorCode::closed, "connection to " + where() + " retired", true);
    return;
  }
  settle_write_under_way();
  state_ = State::retired;
  close_at_ = world_.clock.now() + drain;
  if (!may_write()) {
    pipeline_.stop_writing({ErrorCode::connection_lost, Delivery::not_sent, "the database is no longer active"});
  }
  if (pipeline_.owed() == 0 || drain <= Duration::zero()) {
    end(ErrorCode::connection_lost, "the database at " + where() + " is no longer active", true);
    return;
  }
  if (reader_ != Reader::caller) listen();
  schedule();
}

void Link::close(ErrorCode code, std::string message) { end(code, std::move(message), true); }

void Link::end(ErrorCode code, std::string message, bool intended) {
  if (state_ == State::closed) return;
  settle_write_under_way();
  const bool was_ready = state_ == State::ready || state_ == State::retired;
  const LinkEnd how{.was_ready = was_ready,
                    .intended = intended || state_ == State::retired,
                    .owed = pipeline_.owed() > 0,
                    .lasted = was_ready ? world_.clock.now() - ready_at_ : Duration::zero(),
                    .code = code,
                    .good_until = good_until_,
                    .message = std::move(message)};
  state_ = State::closed;
  attempt_.reset();
  timer_->cancel();
  if (watch_timer_) watch_timer_->cancel();
  if (stream_ && (reader_ == Reader::caller || writing_)) stream_->shut_down();  // closed by who uses it
  else if (stream_) stream_->close();
  owner_->on_link_closed(*this, how);
  pipeline_.fail_all({how.code, Delivery::not_sent, how.message});
}

TimePoint Link::next_due() const {
  TimePoint due = TimePoint::max();
  if (state_ != State::ready) due = std::min(due, close_at_);
  if (const auto deadline = pipeline_.next_deadline()) due = std::min(due, *deadline);
  if (state_ == State::ready) {
    if (pipeline_.owed() > 0) {
      const auto since = pipeline_.owed_since();
      if (patience_) due = std::min(due, patience_->due());
      else if (since) due = std::min(due, *since + spec_.silent_after);
    } else {
      due = std::min(due, last_activity_ + spec_.options.idle_ping);
    }
  }
  return due;
}

void Link::schedule() {
  if (state_ == State::closed) return;
  const TimePoint due = next_due();
  // A timer that is early costs one wake-up; moving it at every command would cost one system call each.
  if (armed_ && *armed_ <= due) return;
  armed_ = due;
  timer_->arm(due, [this] { on_timer(); });
}

// After a write or a read `at` that time. Of the waits that it began, those for silence and for idleness end some time
// later and those of the calls at their deadlines: mostly the timer is early enough for all of them.
void Link::schedule_after(TimePoint at) {
  const TimePoint soonest = at + std::min(spec_.silent_after, spec_.options.idle_ping);
  if (armed_ && *armed_ <= soonest && *armed_ <= pipeline_.next_deadline().value_or(soonest)) return;
  schedule();
}

void Link::on_timer() {
  armed_.reset();
  look();
  if (state_ == State::closed) return;
  const TimePoint now = world_.clock.now();
  if (state_ == State::connecting || state_ == State::handshake) {
    if (now >= close_at_) {
      const std::string waiting = attempt_ ? attempt_->waiting_for() : std::string();
      end(ErrorCode::connect_timeout,
          "connecting to " + where() + ": no answer within connect_timeout" +
              (waiting.empty() ? "" : " (" + waiting + ")"),
          false);
      return;
    }
  } else if (state_ == State::retired && now >= close_at_) {
    end(ErrorCode::connection_lost, "the database at " + where() + " is no longer active and did not answer in time",
        true);
    return;
  } else if (state_ == State::ready) {
    check_silence(now);
    if (state_ == State::ready) check_idle(now);
  }
  if (state_ == State::closed) return;
  pipeline_.expire(now);
  // CMD-2: its time is up, nothing has come all the time, and it would sleep on.
  if (endless_ && pipeline_.is_front_given_up()) {
    end(ErrorCode::timed_out, "connection to " + where() + " was silent for as long as its command might take", false);
  }
  note_congestion();
  if (state_ != State::closed) schedule();
}

void Link::check_silence(TimePoint now) {
  const auto since = pipeline_.owed_since();
  if (!since) {
    patience_.reset();
    return;
  }
  if (!patience_) {
    patience_since_ = *since;
    patience_.emplace(*since, spec_.silent_after);
  }
  if (!patience_->is_over(now)) return;
  // CMD-2: silent for a whole command timeout. Its commands fail with what is known of each, and others take its place.
  if (now - patience_since_ >= spec_.options.command_timeout) {
    end(ErrorCode::timed_out, "connection to " + where() + " owed replies and was silent for command_timeout", false);
    return;
  }
  silent_ = true;
  patience_.emplace(now, spec_.silent_after);
  owner_->on_link_silent(*this, pipeline_.owed_summary());
}

void Link::check_idle(TimePoint now) {
  if (pipeline_.owed() > 0 || pipeline_.queued() > 0 || now - last_activity_ < spec_.options.idle_ping) return;
  enqueue(*new IdlePing);
}

void dispose(io::World& world, std::shared_ptr<Link> link) {
  if (!link) return;
  if (!link->is_closed()) link->close(ErrorCode::closed, "the client was closed");
  world.loop.post([keep = std::move(link)]() mutable { keep.reset(); });
}

}  // namespace meridian::database
