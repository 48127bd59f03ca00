// The replies that say that a server cannot serve for now (rule DET-2).
#pragma once

#include <meridian/error.hpp>

namespace meridian::core {

[[nodiscard]] constexpr bool is_cannot_serve(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::loading:
    case ErrorCode::master_down:
    case ErrorCode::cluster_down:
    case ErrorCode::busy:
    case ErrorCode::read_only:
    case ErrorCode::misconfigured:
    case ErrorCode::no_replicas:
    case ErrorCode::out_of_memory: return true;
    default: return false;
  }
}

}  // namespace meridian::core
