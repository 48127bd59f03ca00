/// \file
/// `FailoverGroup` over redis-plus-plus (https://github.com/sewenew/redis-plus-plus): probes for `sw::redis::Redis` and
/// `RedisCluster`, and what their exceptions mean. Needs that library's headers; nothing else of Meridian does.
///
/// \code
/// sw::redis::ConnectionOptions options;
/// options.host = "redis-east.example.com";
/// options.connect_timeout = options.socket_timeout = 1s;                 // never 0: nobody cuts a call short
/// auto east = std::make_shared<sw::redis::Redis>(options);
/// …
/// meridian::FailoverGroup<sw::redis::Redis> group({
///     .members = {{.name = "east", .object = east}, {.name = "west", .object = west, .weight = 0.5}},
///     .probe = meridian::redis_plus_plus::ping<sw::redis::Redis>,
///     .write_probe = meridian::redis_plus_plus::no_op_write<sw::redis::Redis>,
///     .classify = meridian::redis_plus_plus::classify,
/// });
/// auto value = group.run(meridian::Repeat::read_only, [](auto& redis) { return redis.get("key"); });
/// \endcode
#pragma once

#include <exception>
#include <optional>
#include <string_view>
#include <type_traits>

#include <sw/redis++/redis++.h>

#include <meridian/failover_group.hpp>

namespace meridian::redis_plus_plus {

/// PING; of a cluster every primary is asked.
template <class Client>
bool ping(Client& client) {
  if constexpr (std::is_same_v<Client, sw::redis::RedisCluster>) {
    client.for_each([](sw::redis::Redis& node) { node.ping(); });
    return true;
  } else {
    return client.ping() == "PONG";
  }
}

/// A write that changes nothing (DET-3); of a cluster it meets one primary.
template <class Client>
bool no_op_write(Client& client) {
  client.setrange("meridian:no-op-write-probe", 0, "");
  return true;
}

/// For functions that run one command each: the exception tells whether that command ran. Nothing for what
/// redis-plus-plus does not throw.
[[nodiscard]] inline std::optional<ExceptionMeaning> classify_one_command(const std::exception_ptr& thrown) {
  // What cannot be told by type is told by the beginning of the text. A text that is not known is in doubt.
  const auto begins = [](const sw::redis::Error& error, std::string_view text) {
    return std::string_view(error.what()).substr(0, text.size()) == text;
  };
  const auto is_connecting = [&](const sw::redis::Error& error) { return begins(error, "failed to connect to Redis"); };
  try {
    std::rethrow_exception(thrown);
  } catch (const sw::redis::MovedError&) {
    return ExceptionMeaning{ErrorCode::moved, Delivery::rejected};
  } catch (const sw::redis::AskError&) {
    return ExceptionMeaning{ErrorCode::moved, Delivery::rejected};
  } catch (const sw::redis::SlotUncoveredError&) {
    return ExceptionMeaning{ErrorCode::cluster_down, Delivery::not_sent};
  } catch (const sw::redis::ReplyError& error) {
    return meaning_of_error_reply(error.what());
  } catch (const sw::redis::WatchError&) {
    return ExceptionMeaning{ErrorCode::transaction_conflict, Delivery::answered};
  } catch (const sw::redis::TimeoutError& error) {
    if (is_connecting(error)) return ExceptionMeaning{ErrorCode::connect_timeout, Delivery::not_sent};
    return ExceptionMeaning{ErrorCode::timed_out, Delivery::in_doubt};
  } catch (const sw::redis::ProtoError&) {
    return ExceptionMeaning{ErrorCode::protocol_error, Delivery::in_doubt};
  } catch (const sw::redis::OomError&) {
    return ExceptionMeaning{ErrorCode::local_resource, Delivery::in_doubt};
  } catch (const sw::redis::IoError& error) {
    if (!is_connecting(error)) return ExceptionMeaning{ErrorCode::connection_lost, Delivery::in_doubt};
    const bool refused = std::string_view(error.what()).find("Connection refused") != std::string_view::npos;
    return ExceptionMeaning{refused ? ErrorCode::connect_refused : ErrorCode::connect_failed, Delivery::not_sent};
  } catch (const sw::redis::ClosedError&) {
    return ExceptionMeaning{ErrorCode::connection_lost, Delivery::in_doubt};
  } catch (const sw::redis::Error& error) {
    if (is_connecting(error)) return ExceptionMeaning{ErrorCode::connect_failed, Delivery::not_sent};
    if (begins(error, "Failed to update shards info")) {
      return ExceptionMeaning{ErrorCode::connect_failed, Delivery::not_sent};
    }
    // All connections of its pool are taken.
    if (begins(error, "Failed to fetch a connection")) {
      return ExceptionMeaning{ErrorCode::queue_full, Delivery::not_sent};
    }
    return ExceptionMeaning{ErrorCode::invalid_argument, Delivery::in_doubt};
  } catch (...) {
    return std::nullopt;
  }
}

/// For functions that may run several commands: the same, but in doubt unless it was answered, because an earlier
/// command may have run.
[[nodiscard]] inline std::optional<ExceptionMeaning> classify(const std::exception_ptr& thrown) {
  std::optional<ExceptionMeaning> meaning = classify_one_command(thrown);
  if (meaning && meaning->delivery != Delivery::answered) meaning->delivery = Delivery::in_doubt;
  return meaning;
}

}  // namespace meridian::redis_plus_plus
