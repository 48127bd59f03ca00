// OpenSSL as a server between two memory BIOs.
#include "integration/support/tls_server_end.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <stdexcept>

namespace meridian::testing {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, Free>;

Bio reading(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::unique_ptr<X509, Free> certificate_in(const std::string& pem) {
  return std::unique_ptr<X509, Free>(PEM_read_bio_X509(reading(pem).get(), nullptr, nullptr, nullptr));
}

}  // namespace

struct TlsServerEnd::Parts {
  std::unique_ptr<SSL_CTX, Free> context;
  std::unique_ptr<SSL, Free> ssl;
  BIO* from_client = nullptr;
  BIO* to_client = nullptr;
  std::string asked_name;
  bool failed = false;
  bool client_finished = false;
};

TlsServerEnd::TlsServerEnd(const TlsServerOptions& options) : parts_(std::make_unique<Parts>()) {
  parts_->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = parts_->context.get();
  if (options.only_tls_1_1) {
    SSL_CTX_set_security_level(context, 0);  // else OpenSSL would not even try
    SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  }
  if (options.at_most_tls_1_2) SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  const auto certificate = certificate_in(options.identity.certificate);
  const std::unique_ptr<EVP_PKEY, Free> key(
      PEM_read_bio_PrivateKey(reading(options.identity.key).get(), nullptr, nullptr, nullptr));
  if (SSL_CTX_use_certificate(context, certificate.get()) != 1 || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    throw std::runtime_error("TLS server: its certificate cannot be used");
  }
  if (!options.client_ca.empty()) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate_in(options.client_ca).get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  parts_->ssl.reset(SSL_new(context));
  parts_->from_client = BIO_new(BIO_s_mem());
  parts_->to_client = BIO_new(BIO_s_mem());
  SSL_set_bio(parts_->ssl.get(), parts_->from_client, parts_->to_client);
  SSL_set_accept_state(parts_->ssl.get());
}

TlsServerEnd::~TlsServerEnd() = default;

std::string TlsServerEnd::feed(std::string_view bytes) {
  BIO_write(parts_->from_client, bytes.data(), static_cast<int>(bytes.size()));
  std::string plaintext;
  for (;;) {
    ERR_clear_error();
    char space[16384];
    std::size_t got = 0;
    const int result = SSL_read_ex(parts_->ssl.get(), space, sizeof space, &got);
    if (const char* name = SSL_get_servername(parts_->ssl.get(), TLSEXT_NAMETYPE_host_name)) parts_->asked_name = name;
    if (result == 1) {
      plaintext.append(space, got);
      continue;
    }
    const int error = SSL_get_error(parts_->ssl.get(), result);
    if (error == SSL_ERROR_ZERO_RETURN) parts_->client_finished = true;
    else if (error != SSL_ERROR_WANT_READ) parts_->failed = true;
    return plaintext;
  }
}

std::string TlsServerEnd::take() {
  char* data = nullptr;
  const long size = BIO_get_mem_data(parts_->to_client, &data);
  std::string bytes(data, static_cast<std::size_t>(size));
  static_cast<void>(BIO_reset(parts_->to_client));
  return bytes;
}

void TlsServerEnd::write(std::string_view plaintext) {
  if (SSL_write(parts_->ssl.get(), plaintext.data(), static_cast<int>(plaintext.size())) <= 0) {
    throw std::runtime_error("TLS server: writing failed");
  }
}

void TlsServerEnd::update_keys() {
  if (SSL_key_update(parts_->ssl.get(), SSL_KEY_UPDATE_REQUESTED) != 1 || SSL_do_handshake(parts_->ssl.get()) != 1) {
    throw std::runtime_error("TLS server: updating keys failed");
  }
}

void TlsServerEnd::finish() { SSL_shutdown(parts_->ssl.get()); }

bool TlsServerEnd::is_connected() const { return SSL_is_init_finished(parts_->ssl.get()) != 0; }
bool TlsServerEnd::has_failed() const { return parts_->failed; }
bool TlsServerEnd::client_has_finished() const { return parts_->client_finished; }
std::string TlsServerEnd::asked_name() const { return parts_->asked_name; }

}  // namespace meridian::testing
