// The checks that come with the library.
#include <meridian/health_check.hpp>

namespace meridian {
namespace {

constexpr CommandTraits traits{.repeat = Repeat::read_only};
constexpr std::string_view echoed = "meridian health check";

// A user who may not PING still shows that the server is there and answers (faults.md row 26).
bool is_not_permitted(ReplyView reply) {
  return reply.is_error() && reply.as_string().value_or("").starts_with("NOPERM");
}

class Ping final : public HealthCheck {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "PING"; }
  [[nodiscard]] bool is_immediate() const noexcept override { return true; }
  [[nodiscard]] Request probe() const override { return RequestBuilder("PING", traits).build(); }
  [[nodiscard]] bool is_healthy(ReplyView reply) const override {
    return (!reply.is_error() && reply.as_string() == "PONG") || is_not_permitted(reply);
  }
};

class Echo final : public HealthCheck {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "ECHO"; }
  [[nodiscard]] bool is_immediate() const noexcept override { return true; }
  [[nodiscard]] Request probe() const override {
    RequestBuilder echo("ECHO", traits);
    echo.arg(echoed);
    return std::move(echo).build();
  }
  [[nodiscard]] bool is_healthy(ReplyView reply) const override {
    return (!reply.is_error() && reply.as_string() == echoed) || is_not_permitted(reply);
  }
};

}  // namespace

std::shared_ptr<const HealthCheck> ping_health_check() { return std::make_shared<Ping>(); }
std::shared_ptr<const HealthCheck> echo_health_check() { return std::make_shared<Echo>(); }

}  // namespace meridian
