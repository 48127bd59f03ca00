// How addresses are written for people.
#include "io/connector.hpp"

namespace meridian::io {

std::string Address::text() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace meridian::io
