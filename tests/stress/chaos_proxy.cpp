// One thread polls all connections of a proxy; each piece that passes may meet its harm.
#include "stress/chaos_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace meridian::stress {
namespace {

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void without_delay(int descriptor) {
  const int yes = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void close_with_reset(int descriptor) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(descriptor);
}

// What no RESP reader may take for a reply.
constexpr std::string_view garbage[] = {
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
    "@#!?\r\n",
    "$-5\r\n",
    "$99999999999999999999\r\n",
    "*-7\r\n",
    ":12a\r\n",
    "$3\r\nabcd\r\n",
    "\r\n",
    "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*"
    "1\r\n*1\r\n"
    "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*"
    "1\r\n*1\r\n",
};

constexpr std::string_view pushes[] = {
    ">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nkey\r\n",
    ">3\r\n+message\r\n+channel\r\n$8\r\n:1\r\n+OK\r\n\r\n",
    ">1\r\n:7\r\n",
};

}  // namespace

std::string_view to_string(Harm harm) noexcept {
  constexpr std::string_view names[harms] = {"refused", "ignored", "cut",   "reset", "truncated", "swallowed",
                                             "garbage", "push",    "stall", "pause", "split",     "request dropped"};
  return names[static_cast<std::size_t>(harm)];
}

ChaosProxy::ChaosProxy(std::uint16_t server, std::uint64_t seed, std::uint64_t bytes_between_harms, Pushes pushes)
    : server_(server), bytes_between_harms_(bytes_between_harms), pushes_(pushes), dice_(seed), room_(64 << 10) {
  listener_ = check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  check(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  check(::listen(listener_, 128), "listen");
  check(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  port_ = ntohs(address.sin_port);
  stop_ = check(::eventfd(0, EFD_CLOEXEC), "eventfd");
  thread_ = std::thread([this] { run(); });
}

ChaosProxy::~ChaosProxy() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(stop_, &one, sizeof one));
  thread_.join();
  for (Connection& connection : connections_) end(connection);
  ::close(listener_);
  ::close(stop_);
}

std::int64_t ChaosProxy::next_harm() { return static_cast<std::int64_t>(dice_.between(1, 2 * bytes_between_harms_)); }

void ChaosProxy::run() {
  std::vector<pollfd> polled;
  for (;;) {
    const auto now = Clock::now();
    auto wake = now + std::chrono::seconds(1);
    polled.clear();
    polled.push_back({stop_, POLLIN, 0});
    polled.push_back({listener_, POLLIN, 0});
    for (const Connection& connection : connections_) {
      short client = 0;
      short server = 0;
      if (!connection.requests.full()) client |= POLLIN;
      if (!connection.replies.full() && connection.way == Way::keep_alive) server |= POLLIN;
      for (const Stream* stream : {&connection.requests, &connection.replies}) {
        if (!stream->has_more()) continue;
        if (stream->not_before > now) wake = std::min(wake, stream->not_before);
        else (stream == &connection.requests ? server : client) |= POLLOUT;
      }
      polled.push_back({connection.client, client, 0});
      polled.push_back({connection.server, server, 0});
    }
    const auto wait = std::chrono::ceil<milliseconds>(wake - now).count();
    if (::poll(polled.data(), polled.size(), static_cast<int>(wait)) < 0) continue;
    if (polled[0].revents != 0) return;

    const auto then = Clock::now();
    auto at = polled.begin() + 2;
    for (Connection& connection : connections_) {
      const short client = (at++)->revents;
      const short server = (at++)->revents;
      constexpr short arrived = POLLIN | POLLHUP | POLLERR;
      if ((client & arrived) != 0) take(connection, connection.client, then);
      if (!connection.over && (server & arrived) != 0) take(connection, connection.server, then);
      if (!connection.over) pass_on(connection, connection.requests, connection.server, then);
      if (!connection.over) pass_on(connection, connection.replies, connection.client, then);
      if (connection.over) end(connection);
    }
    std::erase_if(connections_, [](const Connection& connection) { return connection.over; });
    if (polled[1].revents != 0) accept_one();
  }
}

void ChaosProxy::accept_one() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  if (dice_.chance(0.02)) {
    did(Harm::refuse);
    if (dice_.chance(0.5)) close_with_reset(client);
    else ::close(client);
    return;
  }
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(server_);
  if (server < 0 || ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (server >= 0) ::close(server);
    ::close(client);
    return;
  }
  without_delay(client);
  without_delay(server);
  Connection& connection = connections_.emplace_back();
  connection.client = client;
  connection.server = server;
  connection.until_harm = next_harm();
  if (dice_.chance(0.01)) {
    did(Harm::ignore);
    connection.requests.swallows = true;
  }
}

void ChaosProxy::take(Connection& connection, int from, Clock::time_point now) {
  const ssize_t got = ::recv(from, room_.data(), room_.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    // What the server said before its end still arrives; what the client does not wait for need not.
    if (from == connection.server && connection.replies.has_more()) connection.way = Way::finish;
    else connection.over = true;
    return;
  }
  const std::string_view bytes(room_.data(), static_cast<std::size_t>(got));
  connection.until_harm -= got;
  if (from == connection.client) harm_requests(connection, bytes, now);
  else harm_replies(connection, bytes, now);
}

void ChaosProxy::stall(Stream& stream, Clock::time_point now) {
  did(Harm::stall);
  stream.not_before = now + milliseconds(dice_.magnitude(1, 1500));
}

void ChaosProxy::harm_requests(Connection& connection, std::string_view bytes, Clock::time_point now) {
  Stream& stream = connection.requests;
  if (stream.swallows) return;
  if (connection.until_harm > 0 || !dice_.chance(0.2)) {
    stream.waiting += bytes;
    return;
  }
  connection.until_harm = next_harm();
  switch (dice_.below(4)) {
    case 0:  // cut in the middle of a command
      stream.waiting += bytes.substr(0, dice_.below(bytes.size() + 1));
      stream.swallows = true;  // what follows would continue another command
      did(Harm::drop_request);
      connection.way = dice_.chance(0.5) ? Way::finish : Way::reset;
      return;
    case 1: stall(stream, now); break;
    case 2:
      did(Harm::split);
      stream.singly = dice_.magnitude(1, 300);
      break;
    default: did(Harm::pause); stream.not_before = now + microseconds(dice_.below(5000));
  }
  stream.waiting += bytes;
}

void ChaosProxy::harm_replies(Connection& connection, std::string_view bytes, Clock::time_point now) {
  Stream& stream = connection.replies;
  const std::vector<std::size_t>& ends = connection.ends.in(bytes);
  if (stream.swallows) return;
  const std::string_view some = bytes.substr(0, dice_.below(bytes.size() + 1));
  if (connection.until_harm > 0) {
    stream.waiting += bytes;
    return;
  }
  connection.until_harm = next_harm();
  // Between two replies, if this piece has such a place.
  const std::size_t between = ends.empty() ? 0 : ends[dice_.below(ends.size())];
  const bool may_insert = between > 0 && connection.ends.count() > 4;
  switch (dice_.below(10)) {
    case 0:
      did(Harm::cut);
      connection.way = Way::finish;
      break;
    case 1:
      did(Harm::reset);
      connection.way = Way::reset;
      break;
    case 2:
      did(Harm::truncate);
      stream.waiting += some;
      connection.way = dice_.chance(0.5) ? Way::finish : Way::reset;
      return;
    case 3:
      did(Harm::swallow);
      stream.waiting += dice_.chance(0.5) ? bytes.substr(0, between) : some;
      stream.swallows = true;
      return;
    case 4:
      if (!may_insert) break;
      did(Harm::garbage);
      stream.waiting += bytes.substr(0, between);
      stream.waiting += garbage[dice_.below(std::size(garbage))];
      stream.swallows = true;
      return;
    case 5:
    case 6:
      if (!may_insert || pushes_ == Pushes::no) break;
      did(Harm::push);
      stream.waiting += bytes.substr(0, between);
      stream.waiting += pushes[dice_.below(std::size(pushes))];
      stream.waiting += bytes.substr(between);
      return;
    case 7: stall(stream, now); break;
    case 8:
      did(Harm::split);
      stream.singly = dice_.magnitude(1, 300);
      break;
    default: did(Harm::pause); stream.not_before = now + microseconds(dice_.below(5000));
  }
  stream.waiting += bytes;
}

void ChaosProxy::pass_on(Connection& connection, Stream& stream, int to, Clock::time_point now) {
  while (stream.has_more() && stream.not_before <= now) {
    const std::size_t rest = stream.waiting.size() - stream.sent;
    const std::size_t length = stream.singly > 0 ? 1 : rest;
    const ssize_t sent = ::send(to, stream.waiting.data() + stream.sent, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return;
    if (sent <= 0) {
      connection.over = true;
      return;
    }
    stream.sent += static_cast<std::size_t>(sent);
    if (stream.singly > 0) --stream.singly;
  }
  if (stream.has_more()) return;
  stream.waiting.clear();
  stream.sent = 0;
  if (connection.way != Way::keep_alive && !connection.replies.has_more()) connection.over = true;
}

void ChaosProxy::end(Connection& connection) noexcept {
  for (const int descriptor : {std::exchange(connection.client, -1), std::exchange(connection.server, -1)}) {
    if (descriptor < 0) continue;
    if (connection.way == Way::reset) close_with_reset(descriptor);
    else ::close(descriptor);
  }
}

}  // namespace meridian::stress
