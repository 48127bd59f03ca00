// One attempt: addresses in order, the reasons collected on the way.
#include "net/tcp_connector.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "net/io_errors.hpp"
#include "net/tcp_stream.hpp"

namespace meridian::net {

using io::IoStatus;

namespace {

// The kernel counts in whole units; a wait is never made shorter by that, and never 0, which means the default.
template <class Unit>
int whole(Duration duration) noexcept {
  const auto count = std::chrono::ceil<Unit>(duration).count();
  return static_cast<int>(std::clamp<std::int64_t>(count, 1, std::numeric_limits<int>::max()));
}

bool set_option(int descriptor, int level, int name, int value) noexcept {
  return ::setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

bool apply_options(int descriptor, const io::SocketOptions& options) noexcept {
  bool done = set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  if (options.tcp_user_timeout > Duration::zero()) {
    const int timeout = whole<std::chrono::milliseconds>(options.tcp_user_timeout);
    done = done && set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, timeout);
  }
  if (options.keepalive_idle > Duration::zero()) {
    const int idle = whole<std::chrono::seconds>(options.keepalive_idle);
    done = done && set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1) &&
           set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, idle);
    if (options.keepalive_interval > Duration::zero()) {
      const int interval = whole<std::chrono::seconds>(options.keepalive_interval);
      done = done && set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, interval);
    }
    if (options.keepalive_count > 0) {
      done = done && set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, options.keepalive_count);
    }
  }
  return done;
}

std::string text_of(const TcpEndpoint& endpoint) {
  return io::Address{endpoint.address().to_string(), endpoint.port()}.text();
}

// A connection to a free port of the ephemeral range of this machine can meet itself (TCP's simultaneous open). It
// would look like a server that repeats our words, and keep the real one from coming back.
bool is_connected_to_itself(const TcpSocket& socket) {
  AsioError error;
  const TcpEndpoint local = socket.local_endpoint(error);
  if (error) return false;
  const TcpEndpoint remote = socket.remote_endpoint(error);
  return !error && local == remote;
}

// Shared by the caller's handle and by what Asio has under way.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(Loop& loop, io::Address address, const io::SocketOptions& options,
          std::function<void(io::ConnectOutcome)> handler)
      : loop_(loop),
        address_(std::move(address)),
        options_(options),
        handler_(std::move(handler)),
        socket_(loop.context()) {}

  void start(Resolver& resolver) {
    Resolved numeric = look_up(address_.host, NameLookup::numeric_only);
    if (numeric.status == IoStatus::ok) {
      on_resolved(std::move(numeric));
      return;
    }
    is_name_ = true;
    resolver.resolve(address_.host, [weak = weak_from_this()](const Resolved& resolved) {
      if (const auto self = weak.lock()) self->on_resolved(resolved);
    });
  }

  void abandon() noexcept {
    const auto dropped = std::exchange(handler_, nullptr);
    if (socket_.is_open()) close_quietly(socket_);
  }

 private:
  void on_resolved(Resolved resolved) {
    if (resolved.status != IoStatus::ok) {
      failure_ = resolved.status;
      finish(address_.text() + ": " + std::string(io::to_string(resolved.status)) + " (" + resolved.error + ")");
      return;
    }
    endpoints_ = std::move(resolved.endpoints);
    for (TcpEndpoint& endpoint : endpoints_) endpoint.port(address_.port);
    try_next();
  }

  void try_next() {
    while (next_ < endpoints_.size()) {
      const TcpEndpoint& endpoint = endpoints_[next_++];
      if (const int error = open(endpoint); error != 0) {
        note_failure(endpoint, error);
        continue;
      }
      socket_.async_connect(endpoint, loop_.in_turn([self = shared_from_this(), endpoint](const AsioError& error) {
        self->on_connected(endpoint, error);
      }));
      return;
    }
    finish(is_name_ ? address_.text() + " (" + failures_ + ")" : failures_);
  }

  // Gives the error number, 0 if all went well.
  int open(const TcpEndpoint& endpoint) {
    // Not Asio's open: it leaves the descriptor to be inherited by the program's children.
    const int descriptor =
        ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (descriptor < 0) return errno;
    if (!apply_options(descriptor, options_)) {
      const int error = errno;
      ::close(descriptor);
      return error;
    }
    AsioError error;
    socket_.assign(endpoint.protocol(), descriptor, error);
    if (error) ::close(descriptor);
    return error.value();
  }

  void on_connected(const TcpEndpoint& endpoint, const AsioError& error) {
    if (!handler_) return;  // abandoned
    if (!error && !is_connected_to_itself(socket_)) {
      finish_ok(text_of(endpoint));
      return;
    }
    note_failure(endpoint, error ? error.value() : ECONNREFUSED);
    close_quietly(socket_);
    try_next();
  }

  void note_failure(const TcpEndpoint& endpoint, int error) {
    const IoStatus status = connect_status(error);
    // Refused only if every address refused: another reason outweighs it, a later one an earlier one.
    if (failure_ == IoStatus::ok || status != IoStatus::refused) failure_ = status;
    if (!failures_.empty()) failures_ += "; ";
    failures_ += text_of(endpoint) + ": " + reason_text(status, error);
  }

  void finish_ok(std::string detail) {
    // Moved out first: the handler usually drops the attempt.
    const auto handler = std::exchange(handler_, nullptr);
    handler({std::make_unique<TcpStream>(loop_, socket_.release()), IoStatus::ok, std::move(detail)});
  }

  // Posted, because the first failures come about inside `connect`.
  void finish(std::string detail) {
    loop_.post([self = shared_from_this(), detail = std::move(detail)]() mutable {
      const auto handler = std::exchange(self->handler_, nullptr);
      if (handler) handler({nullptr, self->failure_, std::move(detail)});
    });
  }

  Loop& loop_;
  const io::Address address_;
  const io::SocketOptions options_;
  std::function<void(io::ConnectOutcome)> handler_;  // empty once called or abandoned
  TcpSocket socket_;
  bool is_name_ = false;
  std::vector<TcpEndpoint> endpoints_;
  std::size_t next_ = 0;
  IoStatus failure_ = IoStatus::ok;
  std::string failures_;
};

class AttemptHandle final : public io::ConnectAttempt {
 public:
  explicit AttemptHandle(std::shared_ptr<Attempt> attempt) : attempt_(std::move(attempt)) {}
  AttemptHandle(const AttemptHandle&) = delete;
  AttemptHandle& operator=(const AttemptHandle&) = delete;
  ~AttemptHandle() override { attempt_->abandon(); }

 private:
  std::shared_ptr<Attempt> attempt_;
};

}  // namespace

std::unique_ptr<io::ConnectAttempt> TcpConnector::connect(const io::Address& address, const io::SocketOptions& options,
                                                          std::function<void(io::ConnectOutcome)> handler) {
  const auto attempt = std::make_shared<Attempt>(loop_, address, options, std::move(handler));
  attempt->start(resolver_);
  return std::make_unique<AttemptHandle>(attempt);
}

}  // namespace meridian::net
