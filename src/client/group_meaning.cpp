#include "client/group_meaning.hpp"

#include <new>
#include <stdexcept>

#include <meridian/failover_group.hpp>

#include "core/server_text.hpp"
#include "protocol/server_error.hpp"

namespace meridian {

ExceptionMeaning meaning_of_exception(const std::exception_ptr& thrown) noexcept {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return {error.code(), error.delivery() == Delivery::answered ? Delivery::answered : Delivery::in_doubt};
  } catch (const std::bad_alloc&) {
    return {ErrorCode::local_resource, Delivery::in_doubt};
  } catch (const std::logic_error&) {
    return {ErrorCode::invalid_argument, Delivery::in_doubt};
  } catch (...) {
    return {ErrorCode::connection_lost, Delivery::in_doubt};
  }
}

std::optional<ExceptionMeaning> meaning_of_error(const std::exception_ptr& thrown) noexcept {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return ExceptionMeaning{error.code(), error.delivery()};
  } catch (...) {
    return std::nullopt;
  }
}

ExceptionMeaning meaning_of_error_reply(std::string_view text) noexcept {
  const protocol::ServerError meaning = protocol::classify(text, {});
  return {meaning.code, meaning.delivery};
}

}  // namespace meridian

namespace meridian::client {

ExceptionMeaning meaning_of(const Classify& classify, const std::exception_ptr& thrown) noexcept {
  if (classify) {
    try {
      if (const auto meaning = classify(thrown)) return *meaning;
    } catch (...) {  // NOLINT(bugprone-empty-catch): then it has no opinion
    }
  }
  return meaning_of_exception(thrown);
}

std::string text_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return error.message();
  } catch (const std::exception& exception) {
    return core::escape_server_text(exception.what());
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace meridian::client
