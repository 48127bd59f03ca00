// How addresses and statuses read in an error message.
#include <gtest/gtest.h>

#include <set>

#include "io/connector.hpp"

namespace meridian::io {
namespace {

TEST(Address, Address_reads_as_host_and_port_with_brackets_around_v6) {
  EXPECT_EQ((Address{"redis.example.com", 6379}.text()), "redis.example.com:6379");
  EXPECT_EQ((Address{"127.0.0.1", 1}.text()), "127.0.0.1:1");
  EXPECT_EQ((Address{"::1", 65535}.text()), "[::1]:65535");
  EXPECT_EQ(address_of({.path = "/run/redis.sock"}).text(), "unix:/run/redis.sock");
  EXPECT_EQ(address_of({"host", 1}), (Address{"host", 1}));
}

TEST(IoStatus, IoStatus_has_words_of_its_own_for_each_value) {
  std::set<std::string_view> words;
  for (int value = 0; value <= static_cast<int>(IoStatus::local); ++value) {
    words.insert(to_string(static_cast<IoStatus>(value)));
  }
  EXPECT_EQ(words.size(), static_cast<std::size_t>(IoStatus::local) + 1);
  EXPECT_EQ(words.count("unknown status"), 0U);
  EXPECT_EQ(to_string(IoStatus::refused), "connection refused");
}

}  // namespace
}  // namespace meridian::io
