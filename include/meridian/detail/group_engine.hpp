/// \file
/// What `FailoverGroup` stands on, without the type of its members. Not for programs.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <meridian/multi_db_config.hpp>
#include <meridian/operations.hpp>

namespace meridian {

/// What an exception of the program's own code means for the call and for the member: `FailoverGroupConfig::classify`.
struct ExceptionMeaning {
  /// Says whether it counts against the member, as for a command that fails so (DET-2): `connection_lost`, `timed_out`,
  /// `protocol_error`, the codes of connecting, and those of a server that cannot serve (`loading` … `out_of_memory`,
  /// `temporarily_unavailable`) do. The others do not: `server_error`, `invalid_argument`, `cancelled`,
  /// `local_resource` …; what failed so is not tried again unless it was certainly not sent, or rejected.
  ErrorCode code = ErrorCode::connection_lost;
  /// Whether what the function did may have taken effect. In doubt, it is repeated only as its grade allows (CMD-1).
  Delivery delivery = Delivery::in_doubt;
};

/// Where and when an attempt runs: the second argument of a function that wants to know.
struct GroupAttempt {
  const std::string& member;
  std::uint64_t epoch = 0;  ///< How often the group had switched.
  int number = 1;           ///< 1, 2, 3 … of this call.
  Duration time_left{0};    ///< Of the call's deadline, > 0. Nobody cuts the function short: it limits itself,
                            ///< and a function that takes all leaves none for another member.
};

namespace detail {

/// What a call does with a member, and what came of it.
class GroupWork {
 public:
  /// Runs the program's function; null, or what it threw.
  [[nodiscard]] virtual std::exception_ptr attempt(void* object, const GroupAttempt& attempt) noexcept = 0;

 protected:
  ~GroupWork() = default;
};

/// How a call ended.
struct GroupEnd {
  std::optional<Error> error{};
  bool in_its_own_words = false;  ///< What the last attempt threw says all there is to say.
};

/// A member, without its type. The functions run on a thread of the member's own.
struct GroupMemberSpec {
  std::string name{};
  double weight = 1.0;
  Duration grace_period{};
  std::optional<CircuitBreakerOptions> circuit_breaker{};
  std::shared_ptr<void> object{};
  std::function<bool()> probe{};        ///< Empty: it has no checks.
  std::function<bool()> write_probe{};  ///< Empty: none.
};

struct GroupSpec {
  std::vector<GroupMemberSpec> members{};
  std::function<std::optional<ExceptionMeaning>(const std::exception_ptr&)> classify{};
  MultiDbConfig rules{};  ///< All but its databases.
};

class MERIDIAN_EXPORT GroupEngine {
 public:
  virtual ~GroupEngine() = default;

  [[nodiscard]] virtual GroupEnd run(GroupWork& work, Repeat repeat, const CallOptions& options) = 0;
  [[nodiscard]] virtual ClientStatus describe() = 0;
  virtual void add_listener(EventListener listener) = 0;
  [[nodiscard]] virtual Result<void> operate(op::Operation operation) = 0;
  [[nodiscard]] virtual Result<void> add(GroupMemberSpec member) = 0;
  virtual void close() noexcept = 0;
};

/// Validates, runs the first round of checks, and blocks until the initial policy is decided.
[[nodiscard]] MERIDIAN_EXPORT Result<std::shared_ptr<GroupEngine>> open_group(GroupSpec spec);

}  // namespace detail

}  // namespace meridian
