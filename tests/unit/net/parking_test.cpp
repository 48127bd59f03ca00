// How callers sleep.
#include "net/parking.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace meridian::net {
namespace {

TEST(Parker, Parker_that_was_unparked_before_does_not_sleep) {
  ParkingLot parking;
  const std::shared_ptr<io::Parker> parker = parking.make_parker();
  parker->unpark();
  parker->park();
  SUCCEED();
}

TEST(Parker, Parker_sleeps_until_it_is_unparked_and_sees_what_was_done_before) {
  ParkingLot parking;
  for (int round = 0; round < 1000; ++round) {
    std::shared_ptr<io::Parker> parker = parking.make_parker();
    int answer = 0;
    std::thread waker([parker, &answer] {
      answer = 42;
      parker->unpark();
    });
    parker->park();
    EXPECT_EQ(answer, 42);
    parker.reset();  // the waker may still be inside `unpark`
    waker.join();
  }
}

}  // namespace
}  // namespace meridian::net
