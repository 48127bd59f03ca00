// Certificates, keys and rules of TLS, as OpenSSL wants them.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string_view>

#include <meridian/result.hpp>
#include <meridian/tls.hpp>

namespace meridian::net {

struct SslContextFree {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextFree>;

// Everything that `tls` says, except the name to verify. Error: what is wrong, with `prefix` before the field. Reads
// files, and may block for as long as they do: not for the loop.
[[nodiscard]] Result<SslContext> make_ssl_context(const TlsOptions& tls, std::string_view prefix);

}  // namespace meridian::net
