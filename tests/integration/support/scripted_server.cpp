// A thread for each connection; it polls its socket and an eventfd, so that orders from outside reach it at any point
// of its script and no descriptor is touched by two threads.
#include "integration/support/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

namespace meridian::testing {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds for_ever{-1};

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("scripted server: " + what + ": " + std::strerror(errno));
}

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

std::string integer(long long value) { return ":" + std::to_string(value) + "\r\n"; }

bool is_handshake(std::string_view command) {
  return command == "HELLO" || command == "AUTH" || command == "CLIENT" || command == "SELECT";
}

// The number of a header such as "*3\r\n" at `at`, which moves behind it; -1 if it is not all there.
long read_header(std::string_view bytes, std::size_t& at) {
  const std::size_t end = bytes.find("\r\n", at);
  if (end == std::string_view::npos) return -1;
  long value = -1;
  std::from_chars(bytes.data() + at + 1, bytes.data() + end, value);
  at = end + 2;
  return value;
}

}  // namespace

Action first(int times, Action action) {
  return
      [left = std::make_shared<std::atomic<int>>(times), action = std::move(action)](Peer& peer, const Words& words) {
        if (left->fetch_sub(1) > 0) action(peer, words);
        else peer.answer(words);
      };
}

// --- One connection --------------------------------------------------------------------------------------------------

Peer::Peer(ScriptedServer& server, int descriptor, int wake, std::size_t number)
    : server_(server), descriptor_(descriptor), wake_(wake), number_(number) {
  thread_ = std::thread([this] {
    try {
      run();
    } catch (const Over&) {
    }
    over_ = true;
  });
}

Peer::~Peer() {
  thread_.join();
  ::close(wake_);
}

void Peer::give(Order order) noexcept {
  Order none = Order::none;
  // A server that ends outweighs what was ordered before.
  if (order == Order::stop) order_ = order;
  else order_.compare_exchange_strong(none, order);
  const std::uint64_t one = 1;
  static_cast<void>(!::write(wake_, &one, sizeof one));  // full means that it is awake
}

void Peer::run() {
  // However the script ends, the other side gets to know.
  const std::unique_ptr<const int, void (*)(const int*)> closed_at_the_end(&descriptor_,
                                                                           [](const int* fd) { ::close(*fd); });
  const int no_delay = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  std::function<void(Peer&)> welcome;
  {
    const std::lock_guard lock(server_.mutex_);
    welcome = server_.accept_script_;
  }
  if (welcome) welcome(*this);
  for (Words words; receive();) {
    while (take_command(words)) {
      const Action action = server_.action_for(words[0]);
      if (action) action(*this, words);
      else answer(words);
    }
  }
}

// Returns when there is one of `events`, or the time is over; throws on an order, having carried it out.
void Peer::wait_until(short events, milliseconds limit) {
  pollfd waits[] = {{.fd = wake_, .events = POLLIN, .revents = 0}, {.fd = descriptor_, .events = events, .revents = 0}};
  while (::poll(waits, events == 0 ? 1 : 2, static_cast<int>(limit.count())) < 0) {
    if (errno != EINTR) fail("poll");
  }
  if (waits[0].revents == 0) return;
  if (order_ == Order::stop) throw Over{};
  if (order_ == Order::reset) reset();
  // Carried out once; `finish` goes on waiting.
  std::uint64_t count = 0;
  static_cast<void>(!::read(wake_, &count, sizeof count));
  if (order_.exchange(Order::none) == Order::finish) finish();
}

// More bytes; false at their end.
bool Peer::receive() {
  wait_until(POLLIN, for_ever);
  char space[16384];
  const ssize_t count = ::recv(descriptor_, space, sizeof space, MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  if (count == 0) return false;
  const std::string_view bytes(space, static_cast<std::size_t>(count));
  arrived_ += bytes;
  const std::lock_guard lock(server_.mutex_);
  server_.received_bytes_ += bytes;
  return true;
}

bool Peer::take_command(Words& words) {
  if (arrived_.empty() || arrived_[0] != '*') return false;  // a TLS greeting, say: recorded, never answered
  std::size_t at = 0;
  long left = read_header(arrived_, at);
  if (left < 0) return false;
  words.clear();
  for (; left > 0; --left) {
    const long length = read_header(arrived_, at);
    if (length < 0 || arrived_.size() < at + static_cast<std::size_t>(length) + 2) return false;
    words.push_back(arrived_.substr(at, static_cast<std::size_t>(length)));
    at += static_cast<std::size_t>(length) + 2;
  }
  if (words.empty()) return false;
  arrived_.erase(0, at);
  const std::lock_guard lock(server_.mutex_);
  server_.received_.push_back(words);
  return true;
}

std::string Peer::ordinary(const Words& words) {
  const std::lock_guard lock(server_.mutex_);
  return is_handshake(words[0]) ? server_.answer_handshake(*this, words) : server_.answer_data(*this, words);
}

void Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    wait_until(POLLOUT, for_ever);
    const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno != EAGAIN && errno != EINTR) throw Over{};
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Peer::trickle(std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(1)) {
    send(bytes.substr(0, 1));
    // Or the other side finds several at once.
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

void Peer::pause(milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  for (auto left = time; left.count() > 0;
       left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now())) {
    wait_until(0, left);
  }
}

void Peer::finish() {
  ::shutdown(descriptor_, SHUT_WR);
  fall_silent();
}

void Peer::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  throw Over{};
}

void Peer::fall_silent() {
  while (receive()) {
  }
  throw Over{};
}

// --- The server ------------------------------------------------------------------------------------------------------

ScriptedServer::ScriptedServer(Manners manners) : manners_(std::move(manners)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, SOMAXCONN) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    const int error = errno;
    ::close(listener_);
    errno = error;
    fail("listening");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_connections(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ::shutdown(listener_, SHUT_RDWR);  // wakes `accept`
  acceptor_.join();
  ::close(listener_);
  order_all(Peer::Order::stop);
  peers_.clear();
}

void ScriptedServer::accept_connections() {
  for (;;) {
    // In this order: a test may have taken all descriptors, and then the connection waits.
    const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const int descriptor = wake < 0 ? -1 : ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    join_those_that_are_over();
    const std::lock_guard lock(mutex_);
    if (descriptor >= 0) {
      peers_.emplace_back(*this, descriptor, wake, ++accepted_);
      continue;
    }
    if (wake >= 0) ::close(wake);
    if (ending_) return;
    std::this_thread::sleep_for(milliseconds(1));
  }
}

// Not under the lock, which a thread may still want before it ends.
void ScriptedServer::join_those_that_are_over() {
  std::list<Peer> over;
  const std::lock_guard lock(mutex_);
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    const auto next = std::next(peer);
    if (peer->over_) over.splice(over.end(), peers_, peer);
    peer = next;
  }
}

void ScriptedServer::order_all(Peer::Order order) {
  const std::lock_guard lock(mutex_);
  for (Peer& peer : peers_) peer.give(order);
}

void ScriptedServer::on_accept(std::function<void(Peer&)> script) {
  const std::lock_guard lock(mutex_);
  accept_script_ = std::move(script);
}

void ScriptedServer::on(const std::string& command, Action action) {
  const std::lock_guard lock(mutex_);
  actions_[command] = std::move(action);
}

void ScriptedServer::behave() {
  const std::lock_guard lock(mutex_);
  accept_script_ = nullptr;
  actions_.clear();
}

void ScriptedServer::set_password(std::string password) {
  const std::lock_guard lock(mutex_);
  manners_.password = std::move(password);
}

Action ScriptedServer::action_for(const std::string& command) const {
  const std::lock_guard lock(mutex_);
  auto found = actions_.find(command);
  if (found == actions_.end()) found = actions_.find("*");
  return found == actions_.end() ? Action() : found->second;
}

std::size_t ScriptedServer::accepted() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

std::size_t ScriptedServer::open_connections() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(peers_.begin(), peers_.end(), [](const Peer& peer) { return !peer.over_; }));
}

std::vector<Words> ScriptedServer::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

std::size_t ScriptedServer::count(std::string_view command) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(received_.begin(), received_.end(), [&](const Words& words) { return words[0] == command; }));
}

std::string ScriptedServer::received_bytes() const {
  const std::lock_guard lock(mutex_);
  return received_bytes_;
}

// --- What an honest server answers -----------------------------------------------------------------------------------

// REQUIRES: the lock.
std::string ScriptedServer::answer_handshake(Peer& peer, const Words& words) {
  const std::string wrong_password = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
  if (words[0] == "HELLO") {
    if (!manners_.knows_hello) return "-ERR unknown command 'HELLO'\r\n";
    const auto auth = std::find(words.begin(), words.end(), "AUTH");
    const bool has_password = words.end() - auth >= 3;
    if (has_password && auth[2] != manners_.password) return wrong_password;
    if (!has_password && !manners_.password.empty()) {
      return "-NOAUTH HELLO must be called with the client already authenticated\r\n";
    }
    peer.authenticated_ = true;
    peer.protocol_ = words.size() > 1 && words[1] == "3" ? 3 : 2;
    const std::string body = bulk("server") + bulk("redis") + bulk("proto") + integer(peer.protocol_);
    return (peer.protocol_ == 3 ? "%2\r\n" : "*4\r\n") + body;
  }
  if (words[0] == "AUTH") {
    if (words.back() != manners_.password) return wrong_password;  // who was somebody stays who it was
    peer.authenticated_ = true;
    return "+OK\r\n";
  }
  if (!manners_.password.empty() && !peer.authenticated_) return "-NOAUTH Authentication required.\r\n";
  if (words[0] == "CLIENT" && words.size() > 1 && words[1] == "SETINFO" && !manners_.knows_setinfo) {
    return "-ERR Unknown subcommand or wrong number of arguments for 'SETINFO'. Try CLIENT HELP.\r\n";
  }
  return "+OK\r\n";
}

// REQUIRES: the lock.
std::string ScriptedServer::answer_data(const Peer& peer, const Words& words) {
  if (!manners_.password.empty() && !peer.authenticated_) return "-NOAUTH Authentication required.\r\n";
  const std::string& command = words[0];
  if (command == "PING") return words.size() > 1 ? bulk(words[1]) : "+PONG\r\n";
  if (words.size() < 2) return "-ERR unknown command '" + command + "'\r\n";
  if (command == "ECHO") return bulk(words[1]);
  if (command == "DEL") return integer(static_cast<long long>(values_.erase(words[1])));
  if (command == "SETRANGE") return integer(static_cast<long long>(values_[words[1]].size()));
  if (command == "GET") {
    const auto found = values_.find(words[1]);
    if (found != values_.end()) return bulk(found->second);
    return peer.protocol_ == 3 ? "_\r\n" : "$-1\r\n";
  }
  if (command == "INCR") {
    std::string& value = values_[words[1]];
    value = std::to_string((value.empty() ? 0 : std::stoll(value)) + 1);
    return integer(std::stoll(value));
  }
  if (command == "SET" && words.size() > 2) {
    values_[words[1]] = words[2];
    return "+OK\r\n";
  }
  return "-ERR unknown command '" + command + "'\r\n";
}

}  // namespace meridian::testing
