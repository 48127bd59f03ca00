// A blocking RESP2 client (RESP3 after HELLO 3) without any code of the library, so that tests can check the library
// against it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace meridian::testing {

// One connection to 127.0.0.1. Every method throws std::runtime_error on a lost connection or when nothing comes in
// time.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, std::chrono::milliseconds timeout = std::chrono::seconds(5));
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  // Sends one command and gives its whole reply as it came, e.g. "$3\r\nabc\r\n".
  std::string command(const std::vector<std::string>& words);

  void send(const std::vector<std::string>& words);
  // The next whole reply.
  std::string receive();

 private:
  void send_bytes(const std::string& bytes);
  std::string take_line();
  std::string take_bytes(std::size_t count);
  void fill();

  int descriptor_ = -1;
  std::string arrived_;
};

}  // namespace meridian::testing
