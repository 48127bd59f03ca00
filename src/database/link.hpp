// One connection: a stream, the pipeline on it, and the clock over both. Opens, shakes hands, carries operations,
// notices silence, ends. Lives on the loop; every method is called there.
//
// Two things happen outside the loop, because they take a system call and others have turns meanwhile:
//   writing   by whoever ends a turn in which something was enqueued; one at a time (`writing_`). What the socket took
//             is settled in the next turn, or at once, by waiting for the write, when the connection stops or ends.
//   reading   by a calling thread that leads (`lead`): it alone reads then (`reader_`), and the loop does not watch the
//             socket. A thread that leads and has its reply hands on to the next that waits; when nobody leads any
//             more, the loop watches again.
// A thread that nobody else has had a turn beside does both by itself, and the link is told afterwards
// (`may_be_alone`).
//
// Life: connecting → handshake → ready → (retired →) closed. A closed link does nothing more and is destroyed by its
// owner with `dispose`, later than the callback that told of the end.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <meridian/options.hpp>

#include "core/patience.hpp"
#include "database/epoch_gate.hpp"
#include "io/world.hpp"
#include "protocol/handshake.hpp"
#include "protocol/pipeline.hpp"

namespace meridian::database {

using LinkId = std::uint64_t;

// How a link ended.
struct LinkEnd {
  bool was_ready = false;  // it had been usable
  bool intended = false;   // we closed it: retired, removed, shut down
  bool owed = false;       // it owed replies
  Duration lasted{};       // for how long it had been usable
  ErrorCode code = ErrorCode::connection_lost;
  TimePoint good_until{};  // see Link::good_until
  std::string message{};   // names the address and the reason
};

class Link;

class LinkOwner {
 public:
  // Operations can be sent: the handshake is done.
  virtual void on_link_ready(Link& link) = 0;

  // Congestion is over: see Link::is_congested.
  virtual void on_link_takes_more(Link& link) { static_cast<void>(link); }

  // The link has closed its stream; the operations that it still held fail right after this call, so that whoever
  // decides about repeating them already knows.
  virtual void on_link_closed(Link& link, const LinkEnd& end) = 0;

  // Replies are owed and nothing has come for `LinkSpec::silent_after`; told again after each such time. Until the
  // first byte comes, nothing new is handed to the socket: it would only become doubtful.
  virtual void on_link_silent(Link& link, const protocol::OwedSummary& owed) = 0;

  // The first bytes after a silence.
  virtual void on_link_heard(Link& link) = 0;

  // New credentials were refused; the connection stays who it was.
  virtual void on_credentials_refused(Link& link, const std::string& evidence) = 0;

  // The server says something that answers nothing. Inside a read: the link may be closed here, but not destroyed.
  virtual void on_link_push(Link& link, ReplyView push) {
    static_cast<void>(link);
    static_cast<void>(push);
  }

 protected:
  ~LinkOwner() = default;
};

struct LinkSpec {
  io::Address address;
  ClientOptions options;
  Duration silent_after{0};
};

class Link final : public io::TurnEnd, public std::enable_shared_from_this<Link> {
 public:
  // Starts to connect. `spec` outlives the link. REQUIRES: made with std::make_shared.
  Link(io::World& world, const LinkSpec& spec, LinkId id, LinkOwner& owner);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link();

  [[nodiscard]] LinkId id() const noexcept { return id_; }
  [[nodiscard]] bool is_ready() const noexcept { return state_ == State::ready; }
  [[nodiscard]] bool is_silent() const noexcept { return silent_; }

  // The socket takes no more for now and enough is queued behind it: what comes should wait outside, where it is free
  // to go elsewhere.
  [[nodiscard]] bool is_congested() const noexcept { return congested_; }
  [[nodiscard]] bool takes_more() const noexcept { return state_ == State::ready && !silent_ && !congested_; }
  [[nodiscard]] bool is_closed() const noexcept { return state_ == State::closed; }
  [[nodiscard]] std::size_t owed() const noexcept { return pipeline_.owed(); }
  [[nodiscard]] std::size_t queued() const noexcept { return pipeline_.queued(); }

  // Ready, and nobody's reply is on its way or wanted.
  [[nodiscard]] bool is_idle() const noexcept {
    return state_ == State::ready && !silent_ && pipeline_.owed() == 0 && pipeline_.queued() == 0;
  }

  // When bytes came last.
  [[nodiscard]] TimePoint heard_at() const noexcept { return pipeline_.heard_at(); }

  // The last moment of which it is known that whatever the server had said by then was heard: an orderly end, or else
  // the last bytes.
  [[nodiscard]] TimePoint good_until() const noexcept { return good_until_; }

  void set_owner(LinkOwner& owner) noexcept { owner_ = &owner; }

  // The server tells here when something that was read here changes, and is listened to.
  [[nodiscard]] bool is_tracking() const noexcept {
    return state_ == State::ready && handshake_ && handshake_->is_tracking();
  }

  // From now on everything sent here belongs to `epoch` and is handed to the socket only while `gate` admits it.
  // Without a gate (checks, plain clients) everything goes.
  void bind(const EpochGate* gate, std::uint64_t epoch) noexcept;

  // REQUIRES: is_ready(). Written when the turn ends, so that many share a system call. `now`: who has just looked at
  // the clock spares the end of the turn another look.
  void enqueue(protocol::Operation& operation);
  void enqueue(protocol::Operation& operation, TimePoint now);

  // Takes the operation out of the line; see Pipeline::abandon.
  Delivery abandon(protocol::Operation& operation) noexcept { return pipeline_.abandon(operation); }

  // --- For a thread that waits for a reply of this connection, inside a turn.

  // Nobody else does it, and the loop need not.
  [[nodiscard]] bool may_lead() const noexcept;

  // Ends the turn, waits on the calling thread until something arrives or `longest_read_wait` has passed, and begins a
  // new turn with what came. `alone`: nobody else wants a turn, as far as one knows, so that writing need not step out
  // of this one. `later`: another thread will have a turn very soon and writes what is queued.
  // REQUIRES: may_lead(); the caller holds a shared pointer.
  enum class Writing { now, alone, later };
  void lead(Writing writing);

  // The thread that led has what it wants: another is promised the lead (Operation::lead), or the loop goes on.
  void stop_leading();

  // The thread that was promised the lead is there: it leads or stops leading.
  void accept_lead() noexcept {
    if (reader_ == Reader::promised) reader_ = Reader::nobody;
  }

  // --- For a thread that is alone with the client: it writes, reads and takes replies by itself, and tells the link
  // when somebody else has a turn (io::Aside). Inside a turn, but for `read_alone`.

  // It led last, nothing is on its way or wanted, and the timer is early enough for all that may come.
  [[nodiscard]] bool may_be_alone() const;

  // False: what is sent here belongs to an epoch that is over.
  [[nodiscard]] bool may_write_alone() const noexcept { return may_write(); }
  [[nodiscard]] io::IoResult write_alone(std::string_view bytes) noexcept { return stream_->try_write(bytes); }
  [[nodiscard]] std::span<char> input_space() { return pipeline_.input_space(); }
  // Returns when something came, or at the end of the connection, which comes at the operation's deadline at the
  // latest.
  [[nodiscard]] io::IoResult read_alone(std::span<char> space) noexcept {
    return stream_->read_wait(space, io::ReadWait::endless);
  }
  // See Pipeline::take_plain_reply.
  template <class Take>
  [[nodiscard]] std::size_t take_plain_reply(std::string_view rest, Take take) {
    return pipeline_.take_plain_reply(rest, take);
  }

  // So many bytes were written, and answered, the last of them `now`.
  void caught_up(std::uint64_t bytes, TimePoint now) noexcept;

  // What is under way: `operation` was offered at `sent_at`, and its first `answered` replies were taken. `reads`: its
  // thread is inside `read_alone`, or has what that brought, and will say so: `come_back`.
  enum class Thread { writes, reads };
  void take_up(protocol::Operation& operation, std::size_t answered, TimePoint sent_at, const io::IoResult& written,
               Thread thread);

  // What a thread has read, of which the first `taken` bytes were replies that it took: the end of `lead`, too.
  void come_back(const io::IoResult& got, std::size_t taken);

  // Reads what has arrived now: the last look before a verdict of silence (DET-5).
  void look();

  // Asks for credentials again and sends AUTH in line, when it is ready.
  void authenticate_again();

  // FO-4: writes nothing more; unsent operations fail as `not_sent` at once, owed replies are awaited for `drain`, then
  // they fail as `in_doubt` and the link closes.
  void retire(Duration drain);

  // Ends everything now.
  void close(ErrorCode code, std::string message);

 private:
  enum class State { connecting, handshake, ready, retired, closed };
  class HandshakeStep;
  class Reauthentication;
  using Answer = Result<Credentials>;

  void on_connected(io::ConnectOutcome outcome);
  void ask_for_credentials(void (Link::*then)(const Answer& answer));
  void on_first_credentials(const Answer& answer);
  void on_new_credentials(const Answer& answer);
  void begin_handshake(Credentials credentials);
  void send_handshake();
  void become_ready();
  // FO-4, invariant I5: user commands go out only while the connection's epoch is the published one.
  [[nodiscard]] bool may_write() const noexcept;
  void end_turn() override;
  [[nodiscard]] bool can_wait(Next next) const noexcept override;
  void write_later();
  void settle_write(TimePoint now);
  [[gnu::cold]] void settle_write_under_way();
  void note_congestion();
  void read_some();
  [[nodiscard]] bool take_in(const io::IoResult& got, std::size_t taken = 0);
  [[gnu::cold]] void go_on();
  void listen();
  void watch_again_later();
  void on_heard(TimePoint now);
  [[gnu::cold]] void end(ErrorCode code, std::string message, bool intended);

  void on_timer();
  void schedule();
  void schedule_after(TimePoint at);
  [[nodiscard]] TimePoint next_due() const;
  void check_silence(TimePoint now);
  void check_idle(TimePoint now);
  [[nodiscard, gnu::cold]] std::string words_for(io::IoStatus status) const;
  [[nodiscard]] std::string where() const { return spec_.address.text(); }

  io::World& world_;
  const LinkSpec& spec_;
  const LinkId id_;
  LinkOwner* owner_;
  State state_ = State::connecting;
  bool must_ask_again_ = false;  // since the provider was asked, there are new credentials

  std::unique_ptr<io::ConnectAttempt> attempt_;
  std::unique_ptr<io::Stream> stream_;
  protocol::Pipeline pipeline_;
  std::optional<protocol::Handshake> handshake_;
  std::vector<std::unique_ptr<HandshakeStep>> steps_;

  const EpochGate* gate_ = nullptr;
  std::uint64_t epoch_ = 0;

  std::unique_ptr<io::Timer> timer_;
  std::optional<TimePoint> armed_;
  TimePoint close_at_{};  // connecting, handshake: the connect timeout; retired: the end of the drain

  // Silence: what is being waited for, and whether it has been reported.
  std::optional<core::Patience> patience_;
  TimePoint patience_since_{};
  bool silent_ = false;
  bool congested_ = false;  // until its owner has been told that it is over
  TimePoint ready_at_{};
  TimePoint last_activity_{};
  TimePoint good_until_{};

  // See `enqueue`; in this turn or one that was left unfinished. The default: nobody knows.
  TimePoint asked_at_{};
  bool alone_ = false;    // see `lead`
  bool writing_ = false;  // a turn's end is at it
  bool waiting_writable_ = false;
  bool write_failed_ = false;            // what has arrived is still read
  std::mutex write_mutex_;               // held during the system call
  std::optional<io::IoResult> written_;  // under write_mutex_ or, with no call under way, on the loop: not settled yet

  enum class Reader { loop, caller, promised, nobody };
  Reader reader_ = Reader::loop;
  bool endless_ = false;  // that caller sleeps until something comes
  bool quiet_ = false;    // nothing came for a thread that led: the loop's turn, until something comes
  bool was_led_ = false;  // since the timer looked last
  bool reading_ = false;  // read_some is on the stack
  std::unique_ptr<io::Timer> watch_timer_;
};

// Closes the link if it is open and lets go of it in a later task, because its callbacks may be on the stack now.
void dispose(io::World& world, std::shared_ptr<Link> link);

}  // namespace meridian::database
