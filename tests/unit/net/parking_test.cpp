// How callers sleep.
#include "net/parking.hpp"

#include <gtest/gtest.h>

#include <atomic>
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

// Letting others run first is given up where it is in vain, and taken up again: neither may lose a wake-up.
TEST(Parker, Parker_whose_others_are_late_and_then_in_time_wakes_each_time) {
  ParkingLot parking;
  const std::shared_ptr<io::Parker> parker = parking.make_parker();
  std::atomic<int> asked{0};
  std::atomic<bool> late{true};
  std::jthread waker([&](const std::stop_token& ending) {
    for (int told = 0; !ending.stop_requested();) {
      if (asked == told) {
        std::this_thread::yield();
        continue;
      }
      for (int i = 0; late && i < 100; ++i) std::this_thread::yield();
      ++told;
      parker->unpark();
    }
  });
  for (int round = 0; round < 600; ++round) {
    late = round / 100 % 2 == 0;
    ++asked;
    parker->park();
  }
  EXPECT_EQ(asked, 600);
}

}  // namespace
}  // namespace meridian::net
