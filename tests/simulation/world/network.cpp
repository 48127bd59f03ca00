// Connections from both ends, the path between them, and connecting.
#include "simulation/world/network.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace meridian::simulation {

using io::IoStatus;
using namespace std::chrono_literals;

namespace {

constexpr Duration first_retransmission = 200ms;  // and then after twice as long, each time
constexpr Duration first_connect_retry = 1s;
constexpr Duration connect_gives_up = 127s;
constexpr Duration host_unreachable_after = 700ms;
constexpr Duration name_is_gone_after = 14ms;
constexpr Duration piece_spacing = 1us;   // pieces of one write are seen by different reads
constexpr std::size_t slow_piece = 1460;  // a slow link carries packets, not whole writes

}  // namespace

// ---- The client's end as a stream ----

class Connection::ClientStream final : public io::Stream {
 public:
  explicit ClientStream(Connection& connection) : connection_(connection) { ++connection.link_.network_.open_streams_; }
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  ~ClientStream() override { connection_.close_client(); }

  [[nodiscard]] io::IoResult try_write(std::string_view bytes) noexcept override {
    return connection_.try_write(bytes);
  }
  [[nodiscard]] io::IoResult try_read(std::span<char> into) noexcept override { return connection_.try_read(into); }
  void wait_readable(io::Task task) override { connection_.wait_readable(std::move(task)); }
  void wait_writable(io::Task task) override { connection_.wait_writable(std::move(task)); }
  [[nodiscard]] bool can_read_wait() const noexcept override { return true; }
  void unwatch() noexcept override { connection_.unwatch(); }
  [[nodiscard]] io::IoResult read_wait(std::span<char> into, io::ReadWait wait) noexcept override {
    return connection_.read_wait(into, wait);
  }
  void shut_down() noexcept override { connection_.shut_down_client(); }
  void close() noexcept override { connection_.close_client(); }

 private:
  Connection& connection_;
};

Connection::Connection(Link& link, ConnectionId id, const io::SocketOptions& options)
    : link_(link), scheduler_(link.network_.scheduler_), id_(id), options_(options), random_(link.random_.fork(id)) {}

io::IoResult Connection::try_write(std::string_view bytes) noexcept {
  if (client_closed_ || host_ended_ == ConnectionEnd::reset) return {IoStatus::reset, 0};
  const std::size_t count = std::min(free_space(), bytes.size());
  if (count == 0) return {IoStatus::would_block, 0};
  unacknowledged_ += count;
  bytes = bytes.substr(0, count);
  send_through(requests_, bytes);
  if (link_.network_.tap_) {
    HandedOver seen{.at = scheduler_.now(), .server = link_.server_, .connection = id_, .commands = {}};
    tap_.accepted(bytes, seen);
    link_.network_.tap_(seen);
  }
  return {IoStatus::ok, count};
}

io::IoResult Connection::try_read(std::span<char> into) noexcept {
  if (client_closed_ || client_shut_) return {IoStatus::reset, 0};
  if (!client_inbox_.empty()) {
    const std::size_t count = client_inbox_.view().copy(into.data(), into.size());
    client_inbox_.consume(count);
    return {count > 0 ? IoStatus::ok : IoStatus::would_block, count};
  }
  if (host_ended_ == ConnectionEnd::reset) return {IoStatus::reset, 0};
  return {host_ended_ == ConnectionEnd::eof ? IoStatus::eof : IoStatus::would_block, 0};
}

void Connection::wait_readable(io::Task task) {
  if (client_closed_) return;
  on_readable_ = std::move(task);
  tell_reader();
}

void Connection::unwatch() noexcept {
  scheduler_.cancel(readable_event_);
  const io::Task dropped = std::exchange(on_readable_, nullptr);
}

// The thread sleeps in the kernel meanwhile; while its process stands still it does not run.
io::IoResult Connection::read_wait(std::span<char> into, io::ReadWait wait) noexcept {
  if (wait == io::ReadWait::endless) ++link_.network_.endless_reads_;
  bool over = false;
  sleeping_reader_ = &over;
  const EventId end = wait == io::ReadWait::endless
                          ? EventId()
                          : scheduler_.after(
                                io::longest_read_wait, [this] { wake_reader(); }, Lane::notices);
  tell_reader();
  scheduler_.park_until(over);
  scheduler_.cancel(end);
  return try_read(into);
}

void Connection::wake_reader() noexcept {
  if (sleeping_reader_ != nullptr) *std::exchange(sleeping_reader_, nullptr) = true;
}

void Connection::shut_down_client() noexcept {
  client_shut_ = true;
  tell_reader();
}

void Connection::wait_writable(io::Task task) {
  if (client_closed_) return;
  on_writable_ = std::move(task);
  tell_writer();
}

void Connection::close_client() noexcept {
  if (client_closed_) return;
  client_closed_ = true;
  --link_.network_.open_streams_;
  for (const EventId event : {readable_event_, writable_event_, reader_event_, user_timeout_event_, keepalive_event_}) {
    scheduler_.cancel(event);
  }
  const io::Task dropped[] = {std::exchange(on_readable_, nullptr), std::exchange(on_writable_, nullptr)};
  // A client that gave up has told its end already (fail_client); one that was reset has nobody to tell.
  if (host_ended_ != ConnectionEnd::reset) {
    end_through(requests_, client_inbox_.empty() ? ConnectionEnd::eof : ConnectionEnd::reset);
    if (requests_.lost_since || window_closed_) lose_after_close();
  }
  client_inbox_.clear();
  forget_if_over();
}

bool Connection::is_readable() const noexcept { return !client_inbox_.empty() || host_ended_ != ConnectionEnd::none; }

bool Connection::is_writable() const noexcept { return free_space() > 0 || host_ended_ == ConnectionEnd::reset; }

std::size_t Connection::free_space() const noexcept {
  const std::size_t capacity = link_.settings_.send_buffer;
  return capacity - std::min(capacity, unacknowledged_);
}

void Connection::tell_reader() {
  if (sleeping_reader_ != nullptr && (is_readable() || client_shut_) && !scheduler_.is_queued(reader_event_)) {
    reader_event_ = scheduler_.at(
        scheduler_.now(), [this] { wake_reader(); }, Lane::notices);
  }
  if (!on_readable_ || !is_readable() || scheduler_.is_queued(readable_event_)) return;
  readable_event_ = scheduler_.at(
      scheduler_.now(), [this] { run_if(is_readable(), on_readable_); }, Lane::loop);
}

void Connection::tell_writer() {
  if (!on_writable_ || !is_writable() || scheduler_.is_queued(writable_event_)) return;
  writable_event_ = scheduler_.at(
      scheduler_.now(), [this] { run_if(is_writable(), on_writable_); }, Lane::loop);
}

// Something may have changed since the event was queued; then the wait goes on.
void Connection::run_if(bool possible, io::Task& task) {
  if (!possible || !task) return;
  const io::Task taken = std::exchange(task, nullptr);
  taken();
}

// ---- The host's end ----

void Connection::consume(std::size_t count) {
  host_inbox_.consume(count);
  if (!window_closed_ || count == 0) return;
  window_closed_ = false;
  watch_user_timeout();
  schedule(requests_);
}

void Connection::send(std::string_view bytes) {
  if (host_shut_ || client_ended_ == ConnectionEnd::reset || bytes.empty()) return;
  send_through(replies_, bytes);
}

void Connection::shut(ConnectionEnd end) {
  if (host_shut_) return;
  host_shut_ = true;
  host_inbox_.clear();
  window_closed_ = false;
  end_through(replies_, end);
  schedule(requests_);
  forget_if_over();
}

void Connection::abandon() { shut(host_inbox_.empty() ? ConnectionEnd::eof : ConnectionEnd::reset); }

// ---- The path between them ----

void Connection::Pipe::drop() noexcept {
  bytes.clear();
  pieces.clear();
  lost_since.reset();
}

void Connection::send_through(Pipe& pipe, std::string_view bytes) {
  const LinkSettings& settings = link_.settings_;
  pipe.bytes.append(bytes);
  for (bool first = true; !bytes.empty(); first = false) {
    std::size_t size = bytes.size();
    if (settings.chunk > 0) {
      const auto most = static_cast<std::int64_t>(std::min(settings.chunk, size));
      size = static_cast<std::size_t>(random_.between(std::int64_t{1}, most));
    } else if (settings.bytes_per_second > 0) {
      size = std::min(size, slow_piece);
    }
    const TimePoint earliest = pipe.last_arrival + (first ? Duration::zero() : piece_spacing);
    pipe.last_arrival = std::max(leave(pipe, size), earliest);
    pipe.pieces.push_back({pipe.last_arrival, size});
    bytes.remove_prefix(size);
  }
  schedule(pipe);
}

// When a piece that leaves now would arrive if nothing were before it.
TimePoint Connection::leave(Pipe& pipe, std::size_t size) {
  const LinkSettings& settings = link_.settings_;
  TimePoint departure = std::max(scheduler_.now(), pipe.last_departure);
  if (settings.bytes_per_second > 0) {
    departure += Duration(static_cast<Duration::rep>(size * 1'000'000'000 / settings.bytes_per_second));
  }
  pipe.last_departure = departure;
  TimePoint arrival = departure + settings.latency;
  if (settings.jitter > Duration::zero()) arrival += random_.between(Duration::zero(), settings.jitter);
  if (settings.loss_rate > 0.0) {
    Duration wait = first_retransmission;
    for (int times = 0; times < 6 && random_.chance(settings.loss_rate); ++times, wait *= 2) arrival += wait;
  }
  return arrival;
}

void Connection::end_through(Pipe& pipe, ConnectionEnd end) {
  pipe.end = end;
  pipe.end_arrival = std::max(leave(pipe, 0), pipe.last_arrival);
  schedule(pipe);
}

void Connection::schedule(Pipe& pipe) {
  const bool is_request = &pipe == &requests_;
  if (pipe.lost_since || (is_request && window_closed_)) return;
  if (pipe.pieces.empty() && pipe.end == ConnectionEnd::none) return;
  const TimePoint due = pipe.pieces.empty() ? pipe.end_arrival : pipe.pieces.front().arrival;
  if (scheduler_.is_queued(pipe.event)) {
    if (pipe.event_due <= due) return;  // it will look again
    scheduler_.cancel(pipe.event);
  }
  pipe.event_due = due;
  pipe.event = is_request ? scheduler_.at(due, [this] { deliver_requests(); })
                          : scheduler_.at(due, [this] { deliver_replies(); });
}

void Connection::deliver_requests() {
  const TimePoint now = scheduler_.now();
  Pipe& pipe = requests_;
  if (pipe.lost_since || window_closed_) return;
  if (link_.loses_requests()) {
    pipe.lost_since = now;
    if (client_closed_) lose_after_close();
    watch_user_timeout();
    return;
  }
  bool arrived = false;
  while (!pipe.pieces.empty() && pipe.pieces.front().arrival <= now) {
    if (host_shut_) {  // nobody is there: the kernel answers with a reset
      pipe.drop();
      end_through(replies_, ConnectionEnd::reset);
      return;
    }
    Piece& piece = pipe.pieces.front();
    const std::size_t capacity = link_.settings_.receive_buffer;
    const std::size_t count = std::min(piece.size, capacity - std::min(capacity, host_inbox_.size()));
    if (count == 0) {
      window_closed_ = true;
      if (client_closed_) lose_after_close();
      break;
    }
    host_inbox_.append(pipe.bytes.view().substr(0, count));
    pipe.bytes.consume(count);
    piece.size -= count;
    if (piece.size == 0) pipe.pieces.pop_front();
    acknowledge(count);
    arrived = true;
  }
  if (pipe.pieces.empty() && pipe.end != ConnectionEnd::none && pipe.end_arrival <= now) {
    client_ended_ = std::exchange(pipe.end, ConnectionEnd::none);
    arrived = true;
  }
  watch_user_timeout();
  schedule(pipe);
  if (arrived && !host_shut_) link_.host_.on_readable(*this);
}

void Connection::deliver_replies() {
  const TimePoint now = scheduler_.now();
  Pipe& pipe = replies_;
  if (pipe.lost_since) return;
  if (link_.loses_replies()) {
    pipe.lost_since = now;
    return;
  }
  while (!pipe.pieces.empty() && pipe.pieces.front().arrival <= now) {
    const std::size_t count = pipe.pieces.front().size;
    if (!client_closed_ && host_ended_ == ConnectionEnd::none) client_inbox_.append(pipe.bytes.view().substr(0, count));
    pipe.bytes.consume(count);
    pipe.pieces.pop_front();
  }
  if (pipe.pieces.empty() && pipe.end != ConnectionEnd::none && pipe.end_arrival <= now) {
    host_ended_ = std::max(host_ended_, std::exchange(pipe.end, ConnectionEnd::none));
  }
  schedule(pipe);
  tell_reader();
  tell_writer();
}

// The client closed while its bytes were stuck: they are gone, and the host learns of the end when it can.
void Connection::lose_after_close() {
  if (link_.settings_.retransmits_after_close) return;
  const std::optional<TimePoint> lost_since = requests_.lost_since;
  requests_.drop();
  window_closed_ = false;
  end_through(requests_, ConnectionEnd::reset);
  requests_.lost_since = lost_since;
}

void Connection::acknowledge(std::size_t bytes) {
  if (link_.loses_replies()) {
    acknowledgements_lost_ += bytes;
    return;
  }
  unacknowledged_ -= std::min(unacknowledged_, bytes);
  tell_writer();
}

void Connection::on_loss_changed() {
  if (!link_.loses_requests()) heal(requests_);
  if (!link_.loses_replies()) {
    heal(replies_);
    acknowledge(std::exchange(acknowledgements_lost_, 0));
  }
  watch_user_timeout();
  if (link_.loss_ == Loss::none) {
    scheduler_.cancel(keepalive_event_);
  } else if (options_.keepalive_idle > Duration::zero() && !client_closed_ && !scheduler_.is_queued(keepalive_event_)) {
    const Duration patience = options_.keepalive_idle + options_.keepalive_interval * options_.keepalive_count;
    keepalive_event_ = scheduler_.after(patience, [this] { fail_client(); });
  }
}

// The next retransmission carries everything that the hole held up.
void Connection::heal(Pipe& pipe) {
  if (!pipe.lost_since) return;
  TimePoint retry = *pipe.lost_since;
  for (Duration wait = first_retransmission; retry <= scheduler_.now(); wait *= 2) retry += wait;
  pipe.lost_since.reset();
  for (Piece& piece : pipe.pieces) piece.arrival = std::max(piece.arrival, retry);
  pipe.last_arrival = std::max(pipe.last_arrival, retry);
  pipe.end_arrival = std::max(pipe.end_arrival, retry);
  schedule(pipe);
}

void Connection::watch_user_timeout() {
  const bool alive = !client_closed_ && host_ended_ != ConnectionEnd::reset;
  const bool stuck = requests_.lost_since || window_closed_ || acknowledgements_lost_ > 0;
  if (!alive || !stuck || unacknowledged_ == 0) {
    scheduler_.cancel(user_timeout_event_);
  } else if (options_.tcp_user_timeout > Duration::zero() && !scheduler_.is_queued(user_timeout_event_)) {
    user_timeout_event_ = scheduler_.after(options_.tcp_user_timeout, [this] { fail_client(); });
  }
}

// The client's kernel gives the connection up.
void Connection::fail_client() {
  if (client_closed_ || host_ended_ == ConnectionEnd::reset) return;
  host_ended_ = ConnectionEnd::reset;
  requests_.drop();
  replies_.drop();
  window_closed_ = false;
  end_through(requests_, ConnectionEnd::reset);
  tell_reader();
  tell_writer();
}

void Connection::reset_both() {
  requests_.drop();
  replies_.drop();
  requests_.end = replies_.end = ConnectionEnd::none;
  window_closed_ = false;
  host_ended_ = client_ended_ = ConnectionEnd::reset;
  watch_user_timeout();
  tell_reader();
  tell_writer();
  if (!host_shut_) link_.host_.on_readable(*this);
}

void Connection::forget_if_over() {
  if (!client_closed_ || !host_shut_) return;
  std::erase(link_.connections_, this);
}

// ---- Links ----

Link::Link(Network& network, Host& host, std::size_t server, io::Address address, RandomStream random)
    : network_(network), host_(host), server_(server), address_(std::move(address)), random_(random) {}

void Link::lose(Loss loss) {
  loss_ = loss;
  for (Connection* connection : connections_) connection->on_loss_changed();
}

void Link::reset_all() {
  for (Connection* connection : std::vector(connections_)) connection->reset_both();
}

void Link::reset(ConnectionId id) {
  const auto found = std::ranges::find(connections_, id, &Connection::id);
  if (found != connections_.end()) (*found)->reset_both();
}

std::vector<ConnectionId> Link::open_connections() const {
  std::vector<ConnectionId> open;
  for (const Connection* connection : connections_) {
    if (!connection->client_closed_ && !connection->host_shut_ && connection->host_ended_ == ConnectionEnd::none) {
      open.push_back(connection->id());
    }
  }
  return open;
}

// ---- Connecting ----

class Network::Attempt final : public io::ConnectAttempt {
 public:
  Attempt(Network& network, Link* link, const io::Address& address, const io::SocketOptions& options,
          std::function<void(io::ConnectOutcome)> handler)
      : network_(network), link_(link), address_(address), options_(options), handler_(std::move(handler)) {
    ++network_.open_attempts_;
    begin();
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() override {
    network_.scheduler_.cancel(event_);
    if (handler_) --network_.open_attempts_;
  }

 private:
  void begin() {
    switch (link_ == nullptr ? ConnectFault::no_name : link_->connect_fault_) {
      case ConnectFault::no_answer: return;
      case ConnectFault::no_name: fail_after(name_is_gone_after, IoStatus::not_resolved); return;
      case ConnectFault::unreachable: fail_after(host_unreachable_after, IoStatus::unreachable); return;
      case ConnectFault::none:
      case ConnectFault::refuse: knock();
    }
  }

  void knock() {
    const LinkSettings& settings = link_->settings_;
    Duration round_trip = 2 * settings.latency;
    if (settings.jitter > Duration::zero()) round_trip += link_->random_.between(Duration::zero(), 2 * settings.jitter);
    event_ = network_.scheduler_.after(round_trip, [this] { on_answer(); });
  }

  void on_answer() {
    if (link_->loss_ != Loss::none || link_->random_.chance(link_->settings_.loss_rate)) {
      waited_ += retry_after_;
      if (waited_ >= connect_gives_up) fail_after(Duration::zero(), IoStatus::timed_out);
      else event_ = network_.scheduler_.after(retry_after_, [this] { knock(); });
      retry_after_ *= 2;
    } else if (link_->connect_fault_ == ConnectFault::refuse || !link_->host_.is_listening()) {
      fail_after(Duration::zero(), IoStatus::refused);
    } else {
      Connection& connection = network_.connections_.emplace_back(*link_, network_.connections_.size() + 1, options_);
      link_->connections_.push_back(&connection);
      outcome_.stream = std::make_unique<Connection::ClientStream>(connection);
      finish_after(Duration::zero());
      link_->host_.on_connection(connection);
    }
  }

  void fail_after(Duration delay, IoStatus status) {
    outcome_.status = status;
    outcome_.detail = address_.text() + ": " + std::string(io::to_string(status));
    finish_after(delay);
  }

  void finish_after(Duration delay) {
    const auto tell = [this] {
      --network_.open_attempts_;
      const auto handler = std::exchange(handler_, nullptr);
      handler(std::move(outcome_));  // it may destroy this attempt
    };
    event_ = network_.scheduler_.after(delay, tell, Lane::loop);
  }

  Network& network_;
  Link* link_;
  io::Address address_;
  io::SocketOptions options_;
  std::function<void(io::ConnectOutcome)> handler_;
  io::ConnectOutcome outcome_;
  EventId event_;
  Duration retry_after_ = first_connect_retry;
  Duration waited_{0};
};

Link& Network::add_host(const io::Address& address, Host& host) {
  const std::size_t server = links_.size();
  links_.push_back(std::make_unique<Link>(*this, host, server, address, random_.fork(server)));
  return *links_.back();
}

std::unique_ptr<io::ConnectAttempt> Network::connect(const io::Address& address, const io::SocketOptions& options,
                                                     std::function<void(io::ConnectOutcome)> handler) {
  const auto found =
      std::ranges::find_if(links_, [&](const std::unique_ptr<Link>& link) { return link->address_ == address; });
  Link* const link = found == links_.end() ? nullptr : found->get();
  return std::make_unique<Attempt>(*this, link, address, options, std::move(handler));
}

}  // namespace meridian::simulation
