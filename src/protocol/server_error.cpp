#include "protocol/server_error.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/cannot_serve.hpp"

namespace meridian::protocol {
namespace {

struct Word {
  std::string_view word;
  ServerError meaning;
};

constexpr std::array words = {
    Word{"LOADING", {ErrorCode::loading, Delivery::rejected}},
    Word{"MASTERDOWN", {ErrorCode::master_down, Delivery::rejected}},
    Word{"CLUSTERDOWN", {ErrorCode::cluster_down, Delivery::rejected}},
    Word{"BUSY", {ErrorCode::busy, Delivery::rejected}},
    Word{"READONLY", {ErrorCode::read_only, Delivery::rejected}},
    Word{"MISCONF", {ErrorCode::misconfigured, Delivery::rejected}},
    Word{"NOREPLICAS", {ErrorCode::no_replicas, Delivery::rejected}},
    Word{"OOM", {ErrorCode::out_of_memory, Delivery::rejected}},
    Word{"MOVED", {ErrorCode::moved, Delivery::rejected}},
    Word{"ASK", {ErrorCode::moved, Delivery::rejected}},
    // A primary that became a replica under a command that waited there.
    Word{"UNBLOCKED", {ErrorCode::read_only, Delivery::rejected}},
    Word{"TRYAGAIN", {ErrorCode::try_again, Delivery::rejected}},
    Word{"NOAUTH", {ErrorCode::authentication_failed, Delivery::rejected}},
    Word{"WRONGPASS", {ErrorCode::authentication_failed, Delivery::answered}},
    Word{"WRONGTYPE", {ErrorCode::wrong_type, Delivery::answered}},
    Word{"NOPERM", {ErrorCode::no_permission, Delivery::answered}},
    Word{"NOSCRIPT", {ErrorCode::no_script, Delivery::answered}},
    Word{"EXECABORT", {ErrorCode::exec_abort, Delivery::answered}},
};

const Word* find(std::string_view word) noexcept {
  const auto* found = std::find_if(words.begin(), words.end(), [&](const Word& w) { return w.word == word; });
  return found == words.end() ? nullptr : found;
}

std::string_view next_word(std::string_view& text) noexcept {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

// A proxy that passes on its upstream's error puts words of its own in front, the last of which ends with a colon
// ("ERR upstream: LOADING …"), or just "ERR". Looks a few words deep, for cannot-serve codes only: the prose of an
// ordinary error ("ERR the key OOM …") must not be misread, for it would blame the server and repeat the command.
const Word* find_behind_prefix(std::string_view before, std::string_view rest) noexcept {
  bool may_begin_here = before == "ERR" || before.ends_with(':');
  for (int depth = 0; depth < 4 && !rest.empty(); ++depth) {
    const std::string_view word = next_word(rest);
    const Word* found = may_begin_here ? find(word) : nullptr;
    if (found != nullptr && core::is_cannot_serve(found->meaning.code)) return found;
    may_begin_here = word.ends_with(':');
  }
  return nullptr;
}

}  // namespace

ServerError classify(std::string_view text, const CommandTraits& traits) noexcept {
  std::string_view rest = text;
  const std::string_view first = next_word(rest);
  const Word* found = find(first);
  if (found == nullptr) {
    // In cluster mode the text goes on with "+ cluster connections reached".
    if (text.starts_with("ERR max number of clients")) return {ErrorCode::max_clients, Delivery::rejected};
    found = find_behind_prefix(first, rest);
  }
  if (found == nullptr) return {};
  ServerError meaning = found->meaning;
  if (meaning.delivery == Delivery::rejected && traits.may_run_partly) meaning.delivery = Delivery::in_doubt;
  return meaning;
}

}  // namespace meridian::protocol
