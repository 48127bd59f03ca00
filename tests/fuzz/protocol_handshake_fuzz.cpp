// libFuzzer target of the handshake: whatever a server answers, it ends within two tries, says only what may be said,
// and never tells the password, even to a server that quotes it.
//
// The first byte chooses the options; the others are what the server sends, in which each 0xFF becomes the password.
#include <meridian/options.hpp>
#include <meridian/reply.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "protocol/handshake.hpp"
#include "resp/scanner.hpp"

namespace {

using meridian::ClientOptions;
using meridian::Protocol;
using meridian::ReplyType;
using meridian::ReplyView;
using meridian::Request;
using meridian::protocol::Handshake;
using meridian::resp::Scanner;
using meridian::resp::ScanStatus;
using Progress = Handshake::Progress;

constexpr std::string_view password = "Zq~7^xW`9";

void require(bool held, const char* what) {
  if (held) return;
  std::cerr << "broken: " << what << '\n';
  std::abort();
}

ClientOptions options_from(std::uint8_t byte) {
  ClientOptions options;
  constexpr Protocol protocols[] = {Protocol::negotiate, Protocol::resp2, Protocol::resp3, Protocol::negotiate};
  options.protocol = protocols[byte & 3];
  if ((byte & 4) == 0) options.password = password;
  if ((byte & 8) != 0) options.user = "ann";
  if ((byte & 16) != 0) options.client_name = "shop";
  if ((byte & 32) != 0) options.database = 7;
  return options;
}

std::string stream_from(const std::uint8_t* data, std::size_t size) {
  std::string stream;
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0xff) stream += password;
    else stream += static_cast<char>(data[i]);
  }
  return stream;
}

void examine_requests(const Handshake& handshake, const ClientOptions& options) {
  // The longest: AUTH, CLIENT SETNAME, CLIENT SETINFO for the name and for the version, SELECT.
  constexpr std::size_t most_requests = 5;
  require(!handshake.requests().empty() && handshake.requests().size() <= most_requests, "too much or nothing said");
  for (const Request& request : handshake.requests()) {
    Scanner scanner;
    require(scanner.scan(request.bytes) == ScanStatus::complete && scanner.length() == request.bytes.size(),
            "a request that is no RESP");
    require(request.name().find(password) == std::string::npos, "a name that shows the password");
    require(options.protocol != Protocol::resp2 || request.name() != "HELLO", "HELLO where RESP2 was demanded");
  }
}

void examine_refusal(const meridian::protocol::Failure& refusal, const ClientOptions& options) {
  const std::string& message = refusal.message;
  require(options.password.empty() || message.find(password) == std::string::npos, "a message that shows the password");
  require(message.find(" was refused: ") != std::string::npos, "a refusal that does not say of what");
  require(message.size() <= 320, "a message without a limit");
  require(std::none_of(message.begin(), message.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }),
          "a message with control characters");
  require(refusal.delivery == meridian::Delivery::not_sent, "a refusal that is not not_sent");
}

// Gives the handshake one reply after the other, as the connection does: pushes aside, nothing that nobody asked for.
class Conversation {
 public:
  explicit Conversation(const ClientOptions& options) : options_(options), handshake_(options) {
    examine_requests(handshake_, options_);
  }

  // False when the handshake expects nothing more.
  bool take(ReplyView reply) {
    if (reply.type() == ReplyType::push) return true;
    require(answered_ < handshake_.requests().size(), "it waits for a reply to nothing");
    const Progress progress = handshake_.on_reply(reply);
    ++answered_;
    require(progress == handshake_.progress(), "two opinions");
    require(!refused_ || progress == Progress::refused, "a refusal taken back");
    switch (progress) {
      case Progress::waiting: require(answered_ < handshake_.requests().size(), "it waits without end"); return true;
      case Progress::try_again: begin_again(); return true;
      case Progress::done: examine_success(); return false;
      case Progress::refused: return take_refusal();
    }
    return false;
  }

 private:
  void begin_again() {
    require(++tries_ <= 2, "a third try");
    require(options_.protocol == Protocol::negotiate, "a second try of what was demanded");
    answered_ = 0;
    examine_requests(handshake_, options_);
  }

  void examine_success() {
    require(answered_ == handshake_.requests().size(), "done before the last reply");
    const int version = handshake_.protocol_version();
    require(version == (options_.protocol == Protocol::resp2 || tries_ == 2 ? 2 : 3), "another version than agreed");
  }

  bool take_refusal() {
    examine_refusal(handshake_.refusal(), options_);
    if (refused_) require(handshake_.refusal().message == cause_, "another cause than the first");
    refused_ = true;
    cause_ = handshake_.refusal().message;
    return answered_ < handshake_.requests().size();
  }

  const ClientOptions& options_;
  Handshake handshake_;
  std::size_t answered_ = 0;
  int tries_ = 1;
  bool refused_ = false;
  std::string cause_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ClientOptions options = options_from(data[0]);
  const std::string stream = stream_from(data + 1, size - 1);
  Conversation conversation(options);
  Scanner scanner;
  for (std::string_view rest = stream; !rest.empty();) {
    if (scanner.scan(rest) != ScanStatus::complete) break;
    const std::size_t length = scanner.length();
    scanner.reset();
    if (!conversation.take(ReplyView(rest.substr(0, length)))) break;
    rest.remove_prefix(length);
  }
  return 0;
}
