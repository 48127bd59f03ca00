#include "simulation/world/fake_scripts.hpp"

#include <array>
#include <bit>
#include <cstdint>

#include "resp/number.hpp"

namespace meridian::simulation {
namespace {

using State = std::array<std::uint32_t, 5>;

void take_block(State& state, std::string_view block) {
  std::array<std::uint32_t, 80> words{};
  for (std::size_t i = 0; i < 64; ++i) words[i / 4] = words[i / 4] << 8 | static_cast<unsigned char>(block[i]);
  for (std::size_t i = 16; i < 80; ++i) {
    words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  }
  auto [a, b, c, d, e] = state;
  for (std::size_t i = 0; i < 80; ++i) {
    const std::uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                                : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                                : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                         : (b ^ c ^ d) + 0xCA62C1D6;
    const std::uint32_t next = std::rotl(a, 5) + mixed + e + words[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  const State added{a, b, c, d, e};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += added[i];
}

}  // namespace

std::string sha1_of(std::string_view text) {
  std::string padded(text);
  padded += '\x80';
  while (padded.size() % 64 != 56) padded += '\0';
  const std::uint64_t bits = text.size() * 8;
  for (int shift = 56; shift >= 0; shift -= 8) padded += static_cast<char>(bits >> shift & 0xff);
  State state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  for (std::size_t at = 0; at < padded.size(); at += 64) take_block(state, std::string_view(padded).substr(at, 64));
  std::string digits;
  for (const std::uint32_t word : state) {
    for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[word >> shift & 0xf];
  }
  return digits;
}

FakeScripts::Outcome FakeScripts::eval(Keyspace::Words words) {
  known_[sha1_of(words[1])] = std::string(words[1]);
  return command_of(words[1], words);
}

FakeScripts::Outcome FakeScripts::evalsha(Keyspace::Words words) const {
  const auto known = known_.find(std::string(words[1]));
  if (known == known_.end()) return {{}, "-NOSCRIPT No matching script. Please use EVAL.\r\n"};
  return command_of(known->second, words);
}

FakeScripts::Outcome FakeScripts::command_of(std::string_view source, Keyspace::Words words) {
  constexpr std::string_view begin = "return redis.call('";
  const std::size_t end = source.find('\'', begin.size());
  if (!source.starts_with(begin) || end == std::string_view::npos) {
    return {{}, "-ERR Error compiling script (new function): a sentence that is not known here\r\n"};
  }
  const auto keys = resp::parse_int64(words[2], resp::Plus::forbidden);
  if (!keys || *keys < 0 || static_cast<std::size_t>(*keys) > words.size() - 3)
    return {{}, std::string(not_an_integer)};
  Outcome outcome;
  outcome.command.emplace_back(source.substr(begin.size(), end - begin.size()));
  for (const std::string_view word : words.subspan(3)) outcome.command.emplace_back(word);
  return outcome;
}

}  // namespace meridian::simulation
