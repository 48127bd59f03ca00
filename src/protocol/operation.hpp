// One command on its way through one connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <meridian/command.hpp>
#include <meridian/time.hpp>

namespace meridian::protocol {

// Why an operation got no reply. The delivery is per operation; the rest is shared by all that a connection owed.
struct Failure {
  ErrorCode code = ErrorCode::connection_lost;
  Delivery delivery = Delivery::not_sent;
  std::string message;
};

// Who waits for the reply: a thread that can read it from the socket by itself, or the loop.
enum class Waiting : std::uint8_t { on_loop, on_thread };

// Owned by whoever enqueues it, who keeps it alive until exactly one of the two callbacks ran or `Pipeline::abandon`
// returned. The callbacks run on the connection's loop; after them the pipeline never touches the operation again.
class Operation {
 public:
  explicit Operation(Waiting waiting = Waiting::on_loop) noexcept : waiting_(waiting) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // The encoded command; stays valid and unchanged until the callback.
  [[nodiscard]] virtual std::string_view bytes() const noexcept = 0;
  [[nodiscard]] virtual bool is_read() const noexcept = 0;

  // When this attempt has waited long enough.
  [[nodiscard]] virtual TimePoint deadline() const noexcept = 0;

  // The reply, which may be an error reply; valid during the call.
  virtual void on_reply(ReplyView reply) noexcept = 0;
  virtual void on_failure(const Failure& failure) noexcept = 0;

  // For one that waits on a thread: nobody reads the connection now, and it is its turn to.
  virtual void lead() noexcept {}

  // It is in line: neither callback has run yet.
  [[nodiscard]] bool is_in_line() const noexcept { return place_ != Place::none; }

 protected:
  virtual ~Operation() = default;

 private:
  friend class Pipeline;
  enum class Place : std::uint8_t { none, queued, owed, ending };
  Place place_ = Place::none;
  const Waiting waiting_;
  std::uint64_t number_ = 0;  // its position in the queue, line or list of endings it stands in
};

}  // namespace meridian::protocol
