// What an error reply means: its code, and whether it proves that the command did not run.
#pragma once

#include <string_view>

#include <meridian/command.hpp>
#include <meridian/error.hpp>

namespace meridian::protocol {

struct ServerError {
  ErrorCode code = ErrorCode::server_error;
  Delivery delivery = Delivery::answered;
};

// Reads the first word of the text ("LOADING Redis is…"), also behind a proxy's prefix ("ERR upstream: LOADING…").
// The commands that may run partly (EVAL, FCALL, EXEC) are in doubt where others are rejected (design.md, section 3).
[[nodiscard]] ServerError classify(std::string_view text, const CommandTraits& traits) noexcept;

}  // namespace meridian::protocol
