/// \file
/// What FLUSHALL, SCRIPT FLUSH and FUNCTION FLUSH have in common.
#pragma once

#include <meridian/command.hpp>

namespace meridian {

/// How the server frees memory when everything of a kind goes.
enum class FlushMode {
  as_configured,  ///< As `lazyfree-lazy-user-flush` says.
  async,          ///< In the background.
  sync,           ///< Before it answers.
};

namespace detail {

/// The word of a FlushMode, if it has one.
struct FlushWord {
  FlushMode mode;
  void append_to(RequestBuilder& builder) const {
    if (mode == FlushMode::async) builder.arg("ASYNC");
    if (mode == FlushMode::sync) builder.arg("SYNC");
  }
};

}  // namespace detail

}  // namespace meridian
