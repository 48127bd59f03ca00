// Whether TLS options can be used, found out before anything starts (rule INIT-4). No OpenSSL in this header: the
// facade includes it.
#pragma once

#include <optional>
#include <string_view>

#include <meridian/options.hpp>

namespace meridian::net {

// Reads the files, parses certificates and keys, and sees whether they fit: the first thing that is wrong, or nothing.
// The error is `invalid_argument` and names the field, its value and what would be right. `prefix` is how the program
// calls the options: "options.tls", "databases[0].options.tls". May block: not for the loop.
[[nodiscard]] std::optional<Error> check_tls(const Endpoint& endpoint, const TlsOptions& tls, std::string_view prefix);

}  // namespace meridian::net
