// What is said on a new connection before the first command, and what the answers mean. Sans-io.
//
// First try, in one write: HELLO 3 [AUTH user password] [SETNAME name], CLIENT SETINFO (optional), CLIENT TRACKING
// (optional, if replies are to be cached), SELECT n. A server
// that does not know HELLO or RESP3 gets a second try in RESP2: AUTH, CLIENT SETNAME, SELECT. Each request has its own
// reply, so an optional one that fails shifts nothing (faults.md, row 32).
// Source: https://redis.io/docs/latest/commands/hello/
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/options.hpp>

#include "protocol/operation.hpp"

namespace meridian::protocol {

// AUTH with these, on a connection that is open. REQUIRES: a password or a user.
[[nodiscard]] Request auth_request(const Credentials& credentials);

// The server's words about it, fit to be shown: no secret in them.
[[nodiscard]] std::string refusal_text(std::string_view text, const Secret& password);

class Handshake {
 public:
  // As `options` say, with the user and the password of `credentials` instead of theirs. `options` stay.
  Handshake(const ClientOptions& options, Credentials credentials);
  explicit Handshake(const ClientOptions& options) : Handshake(options, {options.user, options.password}) {}

  // The requests of the present try, to be sent in this order.
  [[nodiscard]] const std::vector<Request>& requests() const noexcept { return requests_; }

  enum class Progress {
    waiting,    // for further replies of this try
    try_again,  // `requests()` are new: send them
    done,
    refused,  // `refusal()` says why; replies that still come change nothing
  };

  // The reply to the next request of the present try.
  Progress on_reply(ReplyView reply);

  // What the last reply came to.
  [[nodiscard]] Progress progress() const noexcept { return progress_; }

  // REQUIRES: progress was refused.
  [[nodiscard]] const Failure& refusal() const noexcept { return *refusal_; }

  // The server tells on this connection when what was read on it changes. REQUIRES: done.
  [[nodiscard]] bool is_tracking() const noexcept { return tracking_; }

  // 2 or 3; REQUIRES: done.
  [[nodiscard]] int protocol_version() const noexcept { return version_; }

 private:
  enum class Step { hello, auth, optional, tracking, required };

  [[nodiscard]] Progress judge(ReplyView reply);
  void begin_resp3();
  void begin_resp2();
  void add(Step step, RequestBuilder&& request);
  void add_common_steps();
  void refuse(ErrorCode code, ReplyView reply, const Request& request);

  const ClientOptions& options_;
  const Credentials credentials_;
  std::vector<Request> requests_;
  std::vector<Step> steps_;
  std::size_t next_ = 0;
  Progress progress_ = Progress::waiting;
  bool fall_back_ = false;
  bool tracking_ = false;
  int version_ = 2;
  std::optional<Failure> refusal_;
};

}  // namespace meridian::protocol
