// One attempt: name, race of addresses, TLS.
#include "net/connector.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "net/connection_race.hpp"
#include "net/tcp_stream.hpp"
#include "net/tls_handshake.hpp"

namespace meridian::net {

using io::IoStatus;

namespace {

// Loaded certificates of so many different options are kept; a client rarely has more than one.
constexpr std::size_t most_contexts = 16;

// Held by the caller's handle alone; what is under way refers to it weakly.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(Loop& loop, io::Address address, const io::SocketOptions& options, std::shared_ptr<TlsContext> tls,
          std::function<void(io::ConnectOutcome)> handler)
      : loop_(loop),
        address_(std::move(address)),
        options_(options),
        tls_(std::move(tls)),
        handler_(std::move(handler)) {
    options_.tls = nullptr;
  }

  void start(Resolver& resolver) {
    if (!address_.path.empty()) return race({SocketAddress::of_unix(address_.path)});
    const Resolved numeric = look_up(address_.host, NameLookup::numeric_only);
    if (numeric.status == IoStatus::ok) return on_resolved(numeric);
    is_name_ = true;
    resolver.resolve(address_.host, [weak = weak_from_this()](const Resolved& resolved) {
      if (const auto self = weak.lock()) self->on_resolved(resolved);
    });
  }

  [[nodiscard]] std::string waiting_for() const {
    if (handshake_) return handshake_->waiting_for();
    if (stream_) return "the files with certificates and keys";
    return race_ ? race_->waiting_for() : "the name server";
  }

 private:
  void on_resolved(const Resolved& resolved) {
    if (resolved.status != IoStatus::ok) {
      const std::string why = std::string(io::to_string(resolved.status)) + " (" + resolved.error + ")";
      return finish({nullptr, resolved.status, address_.text() + ": " + why});
    }
    std::vector<SocketAddress> addresses;
    for (TcpEndpoint endpoint : in_turns(resolved.endpoints)) {
      endpoint.port(address_.port);
      addresses.push_back(SocketAddress::of(endpoint));
    }
    race(std::move(addresses));
  }

  void race(std::vector<SocketAddress> addresses) {
    race_ = std::make_shared<ConnectionRace>(loop_, std::move(addresses), options_, [this](RaceOutcome outcome) {
      // The handler of this attempt may drop it.
      const auto self = shared_from_this();
      self->on_raced(std::move(outcome));
    });
    race_->start();
  }

  void on_raced(RaceOutcome outcome) {
    if (outcome.status != IoStatus::ok) {
      return finish({nullptr, outcome.status, named(outcome.detail)});
    }
    auto stream = std::make_unique<TcpStream>(loop_, outcome.descriptor.release());
    if (!tls_) return finish({std::move(stream), IoStatus::ok, std::move(outcome.detail)});
    stream_ = std::move(stream);
    tls_->get([weak = weak_from_this(), where = std::move(outcome.detail)](SSL_CTX* context) {
      if (const auto self = weak.lock()) self->shake_hands(context, where);
    });
  }

  void shake_hands(SSL_CTX* context, const std::string& where) {
    if (context == nullptr) return finish({nullptr, IoStatus::tls, named(where) + ": TLS failed: " + tls_->error()});
    auto session = TlsSession::make(context, tls_->options(), address_.host);
    if (!session) return finish({nullptr, IoStatus::local, where + ": no memory for TLS"});
    handshake_ = std::make_shared<TlsHandshake>(loop_, std::move(stream_), std::move(session), named(where),
                                                [this](io::ConnectOutcome outcome) {
                                                  const auto self = shared_from_this();
                                                  self->finish(std::move(outcome));
                                                });
    handshake_->start();
  }

  // Numeric addresses say it all by themselves.
  [[nodiscard]] std::string named(const std::string& detail) const {
    return is_name_ ? address_.text() + " (" + detail + ")" : detail;
  }

  // Moved out first: the handler usually drops the attempt.
  void finish(io::ConnectOutcome outcome) { std::exchange(handler_, nullptr)(std::move(outcome)); }

  Loop& loop_;
  const io::Address address_;
  io::SocketOptions options_;
  const std::shared_ptr<TlsContext> tls_;  // null: plain
  std::function<void(io::ConnectOutcome)> handler_;
  bool is_name_ = false;
  std::shared_ptr<ConnectionRace> race_;
  std::unique_ptr<io::Stream> stream_;  // connected, while files of TLS are looked at
  std::shared_ptr<TlsHandshake> handshake_;
};

class AttemptHandle final : public io::ConnectAttempt {
 public:
  explicit AttemptHandle(std::shared_ptr<Attempt> attempt) : attempt_(std::move(attempt)) {}
  [[nodiscard]] std::string waiting_for() const override { return attempt_->waiting_for(); }

 private:
  std::shared_ptr<Attempt> attempt_;
};

}  // namespace

std::unique_ptr<io::ConnectAttempt> Connector::connect(const io::Address& address, const io::SocketOptions& options,
                                                       std::function<void(io::ConnectOutcome)> handler) {
  const auto attempt = std::make_shared<Attempt>(loop_, address, options, context_for(options.tls), std::move(handler));
  attempt->start(resolver_);
  return std::make_unique<AttemptHandle>(attempt);
}

std::shared_ptr<TlsContext> Connector::context_for(const TlsOptions* tls) {
  if (tls == nullptr || !tls->enabled) return nullptr;
  auto found = std::find_if(contexts_.begin(), contexts_.end(),
                            [tls](const auto& context) { return are_same(context->options(), *tls); });
  if (found == contexts_.end()) {
    if (contexts_.size() >= most_contexts) contexts_.erase(contexts_.begin());
    found = contexts_.insert(contexts_.end(), std::make_shared<TlsContext>(loop_, errands_, *tls));
  }
  std::rotate(found, found + 1, contexts_.end());
  return contexts_.back();
}

}  // namespace meridian::net
