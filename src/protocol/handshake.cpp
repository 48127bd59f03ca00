#include "protocol/handshake.hpp"

#include <string>
#include <utility>

#include <meridian/version.hpp>

#include "core/server_text.hpp"
#include "protocol/server_error.hpp"

namespace meridian::protocol {
namespace {

// Only a server that does not speak RESP3 is worth a second try; a refusal to serve is not.
bool is_unknown_hello(std::string_view text) noexcept {
  return text.starts_with("NOPROTO") || text.starts_with("ERR unknown command") ||
         text.starts_with("ERR Protocol version is not");
}

// Servers before 7 quote the arguments of a command that they do not know, and a proxy may quote anything: HELLO and
// AUTH carry the password.
std::string without_secrets(std::string_view text, std::string_view password) {
  std::string safe(text.substr(0, text.find(", with args")));
  if (password.empty()) return safe;
  constexpr std::string_view stars = "***";
  for (std::size_t at = 0; (at = safe.find(password, at)) != std::string::npos; at += stars.size()) {
    safe.replace(at, password.size(), stars);
  }
  return safe;
}

constexpr CommandTraits connection_traits{.repeat = Repeat::administrative};

}  // namespace

Request auth_request(const Credentials& credentials) {
  RequestBuilder auth("AUTH", connection_traits);
  // The form with one argument is the only one that servers before 6 know.
  if (!credentials.user.empty()) auth.arg(credentials.user);
  auth.arg(credentials.password.reveal_secret());
  return std::move(auth).build();
}

std::string refusal_text(std::string_view text, const Secret& password) {
  return core::escape_server_text(without_secrets(text, password.reveal_secret()));
}

Handshake::Handshake(const ClientOptions& options, Credentials credentials)
    : options_(options), credentials_(std::move(credentials)) {
  if (options.protocol == Protocol::resp2) begin_resp2();
  else begin_resp3();
}

void Handshake::add(Step step, RequestBuilder&& request) {
  steps_.push_back(step);
  requests_.push_back(std::move(request).build());
}

void Handshake::begin_resp3() {
  version_ = 3;
  RequestBuilder hello("HELLO", connection_traits);
  hello.arg("3");
  if (!credentials_.user.empty() || !credentials_.password.empty()) {
    hello.arg("AUTH").arg(credentials_.user.empty() ? "default" : credentials_.user);
    hello.arg(credentials_.password.reveal_secret());
  }
  if (!options_.client_name.empty()) hello.arg("SETNAME").arg(options_.client_name);
  add(Step::hello, std::move(hello));
  add_common_steps();
}

void Handshake::begin_resp2() {
  version_ = 2;
  next_ = 0;
  steps_.clear();
  requests_.clear();
  if (!credentials_.user.empty() || !credentials_.password.empty()) {
    steps_.push_back(Step::auth);
    requests_.push_back(auth_request(credentials_));
  }
  if (!options_.client_name.empty()) {
    RequestBuilder name("CLIENT SETNAME", connection_traits);
    name.arg(options_.client_name);
    add(Step::optional, std::move(name));
  }
  add_common_steps();
}

void Handshake::add_common_steps() {
  for (const auto& [field, value] : {std::pair{"LIB-NAME", "meridian"}, std::pair{"LIB-VER", MERIDIAN_VERSION}}) {
    RequestBuilder library("CLIENT SETINFO", connection_traits);
    library.arg(field).arg(value);
    add(Step::optional, std::move(library));
  }
  if (options_.cache && version_ == 3) {
    RequestBuilder tracking("CLIENT TRACKING", connection_traits);
    tracking.arg("ON");
    add(Step::tracking, std::move(tracking));
  }
  if (options_.database != 0) {
    RequestBuilder select("SELECT", connection_traits);
    select.arg(options_.database);
    add(Step::required, std::move(select));
  }
}

void Handshake::refuse(ErrorCode code, ReplyView reply, const Request& request) {
  if (refusal_) return;  // the first refusal is the cause of those that follow
  const std::string text = refusal_text(reply.as_string().value_or(""), credentials_.password);
  std::string message = request.name() + " was refused: " + text;
  refusal_ = Failure{code, Delivery::not_sent, std::move(message)};
}

Handshake::Progress Handshake::on_reply(ReplyView reply) {
  progress_ = judge(reply);
  return progress_;
}

Handshake::Progress Handshake::judge(ReplyView reply) {
  const Step step = steps_[next_];
  const Request& request = requests_[next_];
  ++next_;
  if (step == Step::tracking) tracking_ = !reply.is_error();
  const bool may_fail = step == Step::optional || step == Step::tracking;
  const std::string_view text = reply.is_error() ? reply.as_string().value_or("") : std::string_view();
  if (reply.is_error() && classify(text, {}).code == ErrorCode::max_clients) {
    // faults.md row 27: a full server says so in answer to whatever comes first, be it a step that may fail.
    refuse(ErrorCode::max_clients, reply, request);
  } else if (reply.is_error() && !may_fail && !fall_back_) {
    if (step == Step::hello && options_.protocol == Protocol::negotiate && is_unknown_hello(text)) {
      fall_back_ = true;
    } else {
      ErrorCode code = classify(text, {}).code;
      // Words without a code of their own are about what we asked for: a password, a version, a database number.
      const bool unnamed = code == ErrorCode::server_error;
      if (unnamed) code = step == Step::auth ? ErrorCode::authentication_failed : ErrorCode::invalid_argument;
      if (code == ErrorCode::no_permission) code = ErrorCode::authentication_failed;
      refuse(code, reply, request);
    }
  }
  // Known at once: a full server closes without answering the rest.
  if (refusal_) return Progress::refused;
  if (next_ < requests_.size()) return Progress::waiting;
  if (!fall_back_) return Progress::done;
  fall_back_ = false;
  begin_resp2();
  return Progress::try_again;
}

}  // namespace meridian::protocol
