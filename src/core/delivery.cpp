// Names of the enums in <meridian/delivery.hpp>.
#include <meridian/delivery.hpp>

namespace meridian {

std::string_view to_string(Delivery delivery) noexcept {
  switch (delivery) {
    case Delivery::not_sent: return "not_sent";
    case Delivery::rejected: return "rejected";
    case Delivery::in_doubt: return "in_doubt";
    case Delivery::answered: return "answered";
  }
  return "unknown";
}

std::string_view to_string(Repeat repeat) noexcept {
  switch (repeat) {
    case Repeat::read_only: return "read_only";
    case Repeat::overwrite: return "overwrite";
    case Repeat::conditional: return "conditional";
    case Repeat::accumulate: return "accumulate";
    case Repeat::administrative: return "administrative";
    case Repeat::never: return "never";
  }
  return "unknown";
}

}  // namespace meridian
