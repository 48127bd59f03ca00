// Two databases, spoken to in RESP2 and in RESP3: for rules whose replies differ between them.
#pragma once

#include <ostream>
#include <string>
#include <utility>

#include "integration/multi_db_fixture.hpp"

namespace meridian::testing {

// "RESP2" or "RESP3"; a type of its own, so that it names the tests.
struct Spoken {
  Protocol protocol;
  friend void PrintTo(const Spoken& spoken, std::ostream* stream) {
    *stream << (spoken.protocol == Protocol::resp2 ? "RESP2" : "RESP3");
  }
};

class TwoDatabasesInBothProtocols : public TwoDatabases, public ::testing::WithParamInterface<Spoken> {
 protected:
  // Who only waits notices a frozen server an idle PING later.
  [[nodiscard]] std::string uri_of(const RedisServer& server) const {
    return server.uri() + "?idle_ping=500ms&protocol=" + (GetParam().protocol == Protocol::resp2 ? "2" : "3");
  }

  // Stays where it went: what goes wrong on purpose is not undone while a test looks.
  [[nodiscard]] MultiDbConfig both() const {
    MultiDbConfig config = config_that_stays_away();
    config.databases[0].uri = uri_of(east);
    config.databases[1].uri = uri_of(west);
    return config;
  }
};

inline const auto both_protocols = ::testing::Values(Spoken{Protocol::resp2}, Spoken{Protocol::resp3});

}  // namespace meridian::testing
