// MULTI … EXEC: what its replies mean for its commands.
#include <meridian/detail/command_list.hpp>
#include <meridian/detail/transaction_call.hpp>

#include <utility>

#include "core/server_text.hpp"
#include "protocol/server_error.hpp"

namespace meridian::detail {
namespace {

constexpr std::string_view multi = "*1\r\n$5\r\nMULTI\r\n";
constexpr std::string_view exec = "*1\r\n$4\r\nEXEC\r\n";

// What the server said of one command. Its transaction was executed, so this is an answer, whatever it says.
Error answer_of(const RequestView& request, ReplyView reply) {
  const std::string text = core::escape_server_text(reply.as_string().value_or(""));
  const protocol::ServerError meaning = protocol::classify(text, request.traits);
  return Error({.code = meaning.code,
                .delivery = Delivery::answered,
                .message = request.name() + ": " + text,
                .command = request.name(),
                .server_text = text});
}

}  // namespace

TransactionCall::TransactionCall(std::string_view commands, std::span<const EngineCall> calls, CallGroup* group)
    : calls_(calls), group_(group) {
  bytes_.reserve(multi.size() + commands.size() + exec.size());
  bytes_.append(multi).append(commands).append(exec);
}

TransactionCall::~TransactionCall() = default;

RequestView TransactionCall::request() const noexcept {
  RequestView request;
  request.bytes = bytes_;
  request.traits = {.repeat = Repeat::never, .may_run_partly = true};
  request.replies = static_cast<std::uint32_t>(calls_.size() + 2);
  return request;
}

void TransactionCall::on_part(std::uint32_t index, ReplyView reply) noexcept {
  if (index == 0) {
    refused_.clear();
    multi_refused_.clear();
  }
  if (!reply.is_error()) return;
  std::string text = core::escape_server_text(reply.as_string().value_or(""));
  if (index == 0) multi_refused_ = std::move(text);
  else refused_.emplace_back(index - 1, std::move(text));
}

void TransactionCall::on_reply(const ReplyView& reply) noexcept {
  if (reply.is_null()) {
    return fail_all(Error(ErrorCode::transaction_conflict, Delivery::rejected,
                          "EXEC: a watched key was changed by others: nothing was committed"));
  }
  if (reply.type() != ReplyType::array || reply.size() != calls_.size()) {
    return fail_all(Error(ErrorCode::unexpected_reply, Delivery::answered,
                          "EXEC: the server answered with something else than one reply for each command"));
  }
  auto element = reply.begin();
  for (const EngineCall& own : calls_) {
    const ReplyView answer = *element;
    ++element;
    if (answer.is_error()) own.outcome->on_error(answer_of(own.request, answer));
    else own.outcome->on_reply(answer);
  }
}

void TransactionCall::on_error(Error error) noexcept {
  if (!multi_refused_.empty() && error.delivery() != Delivery::rejected) {
    // What was to be held together came alone, and EXEC found nothing to execute.
    ErrorDetails details = error.details();
    details.code = protocol::classify(multi_refused_, {}).code;
    details.delivery = Delivery::in_doubt;
    details.message = "MULTI was refused, so its commands may have run each for itself: " + multi_refused_;
    details.server_text = multi_refused_;
    return fail_all(Error(std::move(details)));
  }
  if (error.code() != ErrorCode::exec_abort) return fail_all(error);
  // The server says of the whole that it ran nothing, and said before what was wrong with which command.
  error_ = error;
  auto refused = refused_.begin();
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (refused == refused_.end() || refused->first != i) {
      calls_[i].outcome->on_error(error);
      continue;
    }
    ErrorDetails details = error.details();
    details.code = protocol::classify(refused->second, calls_[i].request.traits).code;
    details.command = calls_[i].request.name();
    details.message = details.command + ": " + refused->second;
    details.server_text = refused->second;
    calls_[i].outcome->on_error(Error(std::move(details)));
    ++refused;
  }
}

void TransactionCall::fail_all(const Error& error) noexcept {
  error_ = error;
  for (const EngineCall& own : calls_) own.outcome->on_error(error);
}

void TransactionCall::on_done() noexcept {
  if (group_ != nullptr) group_->one_is_over();
}

}  // namespace meridian::detail
