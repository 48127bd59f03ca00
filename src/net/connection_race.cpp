// Staggered starts, one winner, and what is said if there is none.
#include "net/connection_race.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/io_errors.hpp"
#include "net/steady_clock.hpp"

namespace meridian::net {

using io::IoStatus;

namespace {

// How long to wait for room in the queue of a Unix socket, which does not tell when there is some.
constexpr Duration full_queue_wait = std::chrono::milliseconds(10);

}  // namespace

ConnectionRace::ConnectionRace(Loop& loop, std::vector<SocketAddress> addresses, const io::SocketOptions& options,
                               Handler handler)
    : loop_(loop),
      addresses_(std::move(addresses)),
      options_(options),
      handler_(std::move(handler)),
      timer_(loop.make_timer()) {}

void ConnectionRace::start() { start_next(); }

void ConnectionRace::start_next() {
  while (!over_ && next_ < addresses_.size()) {
    const Start how = set_out(addresses_[next_]);
    if (how == Start::full) {
      timer_->arm(SteadyClock().now() + full_queue_wait, [this] { start_next(); });
      return;
    }
    ++next_;
    if (how == Start::under_way) break;
  }
  if (over_) return;
  if (runners_.empty() && next_ == addresses_.size()) return finish({{}, failure_, failures_});
  if (next_ == addresses_.size()) return;
  timer_->arm(SteadyClock().now() + race_stagger, [this] { start_next(); });
}

ConnectionRace::Start ConnectionRace::set_out(const SocketAddress& address) {
  Opened opened = start_connecting(address, options_);
  if (opened.error == 0) {
    finish({std::move(opened.descriptor), IoStatus::ok, address.text});
    return Start::under_way;
  }
  // The queue of a server that is busy or hangs. Of TCP the kernel says so in silence.
  if (opened.error == EAGAIN && address.is_unix()) return Start::full;
  if (opened.error != EINPROGRESS) {
    note_failure(address, opened.error);
    return Start::failed;
  }
  watch(address, std::move(opened.descriptor));
  return Start::under_way;
}

void ConnectionRace::watch(const SocketAddress& address, Descriptor descriptor) {
  runners_.push_back(std::make_unique<Runner>(Runner{&address, Watch(loop_.context())}));
  Runner& runner = *runners_.back();
  AsioError error;
  runner.watch.assign(descriptor.number(), error);
  if (!error) static_cast<void>(descriptor.release());
  // Posted on failure, so that every runner ends in the same way.
  auto decided = [weak = weak_from_this(), &address] {
    if (const auto self = weak.lock()) self->on_decided(address);
  };
  if (error) loop_.post(std::move(decided));
  else await_writable(runner.watch, loop_.in_turn([decided = std::move(decided)](const AsioError&) { decided(); }));
}

void ConnectionRace::on_decided(const SocketAddress& address) {
  const auto found = std::find_if(runners_.begin(), runners_.end(),
                                  [&address](const auto& runner) { return runner->address == &address; });
  if (found == runners_.end()) return;
  const std::unique_ptr<Runner> runner = std::move(*found);
  runners_.erase(found);
  // What Asio could not watch has no descriptor any more.
  Descriptor descriptor(runner->watch.is_open() ? runner->watch.release() : -1);
  const int error = descriptor.number() < 0 ? ENOMEM : connect_error(descriptor.number());
  if (error == 0) return finish({std::move(descriptor), IoStatus::ok, address.text});
  note_failure(address, error);
  start_next();
}

void ConnectionRace::note_failure(const SocketAddress& address, int error) {
  // No file, no server: a Unix socket's way to refuse.
  const bool is_gone = address.is_unix() && error == ENOENT;
  const IoStatus status = is_gone ? IoStatus::refused : connect_status(error);
  // Refused only if every address refused: another reason outweighs it, a later one an earlier one.
  if (failure_ == IoStatus::ok || status != IoStatus::refused) failure_ = status;
  if (!failures_.empty()) failures_ += "; ";
  failures_ += address.text + ": " + (is_gone ? reason_with_words(status, error) : reason_text(status, error));
}

// Posted, because it may come about inside `start`.
void ConnectionRace::finish(RaceOutcome outcome) {
  over_ = true;
  timer_->cancel();
  runners_.clear();
  const auto shared = std::make_shared<RaceOutcome>(std::move(outcome));
  loop_.post([weak = weak_from_this(), shared] {
    const auto self = weak.lock();
    if (!self) return;
    const Handler handler = std::exchange(self->handler_, nullptr);
    handler(std::move(*shared));
  });
}

std::string ConnectionRace::waiting_for() const {
  std::string text;
  for (const auto& runner : runners_) text += (text.empty() ? "" : ", ") + runner->address->text;
  return text;
}

std::vector<TcpEndpoint> in_turns(const std::vector<TcpEndpoint>& resolved) {
  if (resolved.empty()) return {};
  std::vector<TcpEndpoint> first;
  std::vector<TcpEndpoint> second;
  for (const TcpEndpoint& endpoint : resolved) {
    (endpoint.protocol() == resolved.front().protocol() ? first : second).push_back(endpoint);
  }
  std::vector<TcpEndpoint> order;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) order.push_back(first[i]);
    if (i < second.size()) order.push_back(second[i]);
  }
  return order;
}

}  // namespace meridian::net
