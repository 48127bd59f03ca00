// A database is well only while an operator's flag says so: a health check of one's own.
//   custom_health_check redis://localhost:6379 …      (then: redis-cli set serving 1)
#include <iostream>
#include <memory>
#include <meridian/meridian.hpp>

namespace {

class ServingFlag final : public meridian::HealthCheck {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "serving-flag"; }
  [[nodiscard]] meridian::Request probe() const override { return meridian::cmd::get("serving").request; }
  [[nodiscard]] bool is_healthy(meridian::ReplyView reply) const override { return reply.as_string() == "1"; }
};

}  // namespace

int main(int argc, char** argv) {
  meridian::MultiDbConfig config;
  for (int i = 1; i < argc; ++i) config.databases.push_back({.uri = argv[i], .weight = 1.0 / i});
  config.health_checks = {meridian::ping_health_check(), std::make_shared<ServingFlag>()};

  const auto client = meridian::MultiDbClient::create(config);
  if (!client) {
    std::cerr << client.error().what() << '\n';
    return 1;
  }
  for (const meridian::DatabaseStatus& database : client->databases()) {
    std::cout << database.name << ": " << to_string(database.health) << (database.active ? ", active" : "") << '\n';
  }
}
