// What OpenSSL knows, in words for the people who read error messages.
#pragma once

#include <openssl/ssl.h>

#include <string>

namespace meridian::net {

// The newest error of this thread, e.g. "unsupported protocol"; the queue is empty afterwards.
[[nodiscard]] std::string openssl_words();

// Who a certificate is for: "redis.example.com, 10.0.0.1" from its subjectAltName; without one, its common name and
// that it does not count.
[[nodiscard]] std::string names_of(X509* certificate);

// Why a certificate was refused: "certificate expired on …", "host name mismatch: wanted x, the certificate is for y",
// "unknown CA: …". `wanted` is the name that was verified.
[[nodiscard]] std::string refusal_words(int verify_error, X509* certificate, const std::string& wanted);

// Why a handshake or a transfer failed, from the newest error of this thread, whose queue is empty afterwards.
[[nodiscard]] std::string failure_words();

}  // namespace meridian::net
