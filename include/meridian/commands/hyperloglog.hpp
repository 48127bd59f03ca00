/// \file
/// Commands on HyperLogLogs: how many different elements there were, within 0.81 %, in at most 12 kB. The builders are
/// in `meridian::cmd`; `HyperLogLogCommands` has the same as methods.
#pragma once

#include <cstdint>
#include <string_view>

#include <meridian/commands/arguments.hpp>
#include <meridian/decode.hpp>

namespace meridian {

namespace cmd {

/// Adds elements; true if that changed the estimate, or made the key. `pfadd("k", {})` only makes it.
/// https://redis.io/docs/latest/commands/pfadd/
[[nodiscard]] inline Command<bool> pfadd(std::string_view key, const StringArgs& elements) {
  return {{"PFADD", detail::overwrite, detail::Key{key}, elements}, decode<bool>};
}

/// About how many different elements all `keys` have together, 0 if there are no such keys.
/// https://redis.io/docs/latest/commands/pfcount/
[[nodiscard]] inline Command<std::int64_t> pfcount(const StringArgs& keys) {
  return {{"PFCOUNT", detail::read_only, detail::Keys{keys}}, decode<std::int64_t>};
}

/// Adds the elements of `sources` to those that `destination` has.
/// https://redis.io/docs/latest/commands/pfmerge/
[[nodiscard]] inline Command<void> pfmerge(std::string_view destination, const StringArgs& sources) {
  return {{"PFMERGE", detail::overwrite, detail::Destination{destination}, detail::Keys{sources}}, decode<void>};
}

}  // namespace cmd

/// The commands on HyperLogLogs as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class HyperLogLogCommands {
 public:
  auto pfadd(std::string_view key, const StringArgs& elements) { return self().run(cmd::pfadd(key, elements)); }
  auto pfcount(const StringArgs& keys) { return self().run(cmd::pfcount(keys)); }
  auto pfmerge(std::string_view destination, const StringArgs& sources) {
    return self().run(cmd::pfmerge(destination, sources));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
