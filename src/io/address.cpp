// How addresses are written for people.
#include "io/connector.hpp"

namespace meridian::io {

std::string Address::text() const {
  if (!path.empty()) return "unix:" + path;
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Address address_of(const Endpoint& endpoint) { return {endpoint.host, endpoint.port, endpoint.path}; }

}  // namespace meridian::io
