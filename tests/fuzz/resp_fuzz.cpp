// libFuzzer target of the RESP floor: any bytes, in any cut, must give the same verdict, stay within the heap bound,
// and be walkable without leaving the value. The first four bytes choose the chunk sizes.
#include <meridian/command.hpp>
#include <meridian/reply.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "resp/input_buffer.hpp"
#include "resp/scanner.hpp"

namespace {

using meridian::ReplyType;
using meridian::ReplyView;
using meridian::resp::InputBuffer;
using meridian::resp::Limits;
using meridian::resp::Scanner;
using meridian::resp::ScanStatus;

// Small enough for the fuzzer to reach every limit.
constexpr Limits limits{
    .depth = 6, .elements_per_aggregate = 64, .elements_per_reply = 256, .bulk_bytes = 512, .line_bytes = 128};

void require(bool held, const char* what) {
  if (held) return;
  std::cerr << "broken: " << what << '\n';
  std::abort();
}

// What a stream of values came to.
struct Outcome {
  std::vector<std::string> values;
  ScanStatus last = ScanStatus::need_more;
  std::string error;
  bool operator==(const Outcome&) const = default;
};

// Reads every byte that a view offers. `wire` must be an allocation of its own, so that ASan sees a step outside.
// Recursion is safe here: the scanner bounded the depth.
void walk(ReplyView view, std::string_view parent) {
  const std::string_view wire = view.wire();
  require(wire.data() >= parent.data() && wire.data() + wire.size() <= parent.data() + parent.size(),
          "a child outside its parent");
  std::uint64_t sum = 0;
  for (const char byte : view.as_string().value_or("")) sum += static_cast<unsigned char>(byte);
  const bool integer = view.as_integer().has_value();
  const bool real = view.as_double().has_value();
  require(!integer || real, "an integer that is no double");
  require(view.type() != ReplyType::integer || integer, "an integer without a value");
  require(view.type() != ReplyType::boolean || view.as_bool().has_value(), "a boolean without a value");
  require(view.is_aggregate() || view.size() == 0, "a scalar with elements");
  std::size_t elements = 0;
  for (const ReplyView element : view) {
    walk(element, wire);
    ++elements;
  }
  require(elements == view.size() && sum <= 255 * wire.size(), "elements lost");
}

// An array of non-null bulk strings that has the shape of a command must be rebuilt alike.
void rebuild(ReplyView view) {
  if (view.type() != ReplyType::array || view.size() == 0) return;
  std::vector<std::string> arguments;
  for (const ReplyView element : view) {
    if (element.type() != ReplyType::bulk_string) return;
    arguments.emplace_back(*element.as_string());
  }
  if (arguments.front().empty() || arguments.front().find(' ') != std::string::npos) return;
  meridian::RequestBuilder builder(arguments.front(), {});
  builder.args(std::span(arguments).subspan(1));
  const meridian::Request request = std::move(builder).build();
  Scanner scanner;
  require(scanner.scan(request.bytes) == ScanStatus::complete, "a request that is no RESP");
  require(scanner.length() == request.bytes.size(), "a request with bytes to spare");
  auto expected = arguments.begin();
  for (const ReplyView argument : ReplyView(request.bytes))
    require(argument.as_string() == *expected++, "an argument changed");
  require(expected == arguments.end(), "arguments lost");
}

void examine(std::string_view value) {
  // Exactly as large as the value.
  const auto copy = std::make_unique_for_overwrite<char[]>(value.size());
  std::memcpy(copy.get(), value.data(), value.size());
  const std::string_view wire(copy.get(), value.size());
  const ReplyView view(wire);
  require(view.wire().data() + view.wire().size() == wire.data() + wire.size(),
          "wire() ends elsewhere than the scanner");
  require(wire.front() == '|' || view.wire() == wire, "wire() differs from the scanned bytes");
  walk(view, wire);
  rebuild(view);
}

Outcome read_at_once(std::string_view stream) {
  Outcome outcome;
  Scanner scanner(limits);
  while (!stream.empty()) {
    outcome.last = scanner.scan(stream);
    if (outcome.last != ScanStatus::complete) break;
    outcome.values.emplace_back(stream.substr(0, scanner.length()));
    stream.remove_prefix(scanner.length());
    scanner.reset();
  }
  outcome.error = scanner.error();
  return outcome;
}

Outcome read_in_chunks(std::string_view stream, std::span<const std::uint8_t> sizes) {
  Outcome outcome;
  InputBuffer input;
  Scanner scanner(limits);
  for (std::size_t turn = 0; !stream.empty(); ++turn) {
    const std::size_t before = input.capacity();
    const std::size_t received = input.data().size();
    const std::span<char> space = input.space();
    const std::size_t peak = input.capacity() == before ? before : before + input.capacity();
    require(!space.empty() && peak <= InputBuffer::free_heap + 3 * received, "the heap bound");
    const std::size_t count = std::min({stream.size(), space.size(), std::size_t{1} + sizes[turn % sizes.size()]});
    std::memcpy(space.data(), stream.data(), count);
    input.commit(count);
    stream.remove_prefix(count);
    while (!input.data().empty()) {
      outcome.last = scanner.scan(input.data());
      if (outcome.last != ScanStatus::complete) break;
      outcome.values.emplace_back(input.data().substr(0, scanner.length()));
      input.consume(scanner.length());
      scanner.reset();
    }
    if (outcome.last == ScanStatus::malformed) {
      // Nothing more is read: not even bytes that would make sense.
      require(scanner.scan("+OK\r\n") == ScanStatus::malformed, "a verdict taken back");
      break;
    }
  }
  outcome.error = scanner.error();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t chunk_bytes = 4;
  if (size < chunk_bytes) return 0;
  const std::span<const std::uint8_t> sizes(data, chunk_bytes);
  const std::string stream(data + chunk_bytes, data + size);
  const Outcome whole = read_at_once(stream);
  require(whole == read_in_chunks(stream, sizes), "another verdict in chunks than at once");
  require(whole == read_in_chunks(stream, std::array<std::uint8_t, 1>{0}), "another verdict byte by byte");
  require((whole.last == ScanStatus::malformed) == !whole.error.empty(), "an error without a reason");
  for (const std::string& value : whole.values) examine(value);
  return 0;
}
