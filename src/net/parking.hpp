// How calling threads sleep until their answer is there.
#pragma once

#include "io/parker.hpp"

namespace meridian::net {

class ParkingLot final : public io::ParkingLot {
 public:
  [[nodiscard]] std::shared_ptr<io::Parker> make_parker() override;
};

}  // namespace meridian::net
