// OpenSSL between two memory BIOs.
#include "net/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "net/tls_words.hpp"

namespace meridian::net {

using io::IoResult;
using io::IoStatus;

namespace {

// The name that must stand in the certificate. A dot at the end and an interface belong to the way there.
std::string name_to_verify(const TlsOptions& tls, const std::string& host) {
  std::string name = tls.server_name.empty() ? host : tls.server_name;
  if (name.find(':') != std::string::npos) name = name.substr(0, name.find('%'));
  if (name.ends_with('.')) name.pop_back();
  return name;
}

// OpenSSL's own macro is an old-style cast.
bool send_name(SSL* ssl, std::string name) {
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

}  // namespace

std::unique_ptr<TlsSession> TlsSession::make(SSL_CTX* context, const TlsOptions& tls, const std::string& host) {
  std::unique_ptr<TlsSession> session(new TlsSession(name_to_verify(tls, host)));
  if (!session->set_up(context, tls)) return nullptr;
  return session;
}

bool TlsSession::set_up(SSL_CTX* context, const TlsOptions& tls) {
  ERR_clear_error();
  ssl_.reset(SSL_new(context));
  from_peer_ = BIO_new(BIO_s_mem());
  to_peer_ = BIO_new(BIO_s_mem());
  if (!ssl_ || from_peer_ == nullptr || to_peer_ == nullptr) {
    BIO_free(from_peer_);
    BIO_free(to_peer_);
    return false;
  }
  SSL* const ssl = ssl_.get();
  SSL_set_bio(ssl, from_peer_, to_peer_);
  SSL_set_app_data(ssl, this);
  SSL_set_connect_state(ssl);
  SSL_CTX_set_client_cert_cb(context, &on_certificate_wanted);

  const bool is_address = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), wanted_.c_str()) == 1;
  if (!is_address && !send_name(ssl, wanted_)) return false;
  if (tls.insecure_skip_verification) {
    SSL_set_verify(ssl, SSL_VERIFY_NONE, nullptr);
    return true;
  }
  SSL_set_verify(ssl, SSL_VERIFY_PEER, &on_verified);
  if (tls.insecure_skip_hostname_check) return X509_VERIFY_PARAM_set1_ip(SSL_get0_param(ssl), nullptr, 0) == 1;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  // To OpenSSL no name means that any will do.
  return is_address || (!wanted_.empty() && SSL_set1_host(ssl, wanted_.c_str()) == 1);
}

TlsSession& TlsSession::of(const SSL* ssl) noexcept { return *static_cast<TlsSession*>(SSL_get_app_data(ssl)); }

int TlsSession::on_verified(int ok, X509_STORE_CTX* store) {
  if (ok == 1) return ok;
  const int index = SSL_get_ex_data_X509_STORE_CTX_idx();
  const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, index));
  of(ssl).refusal_ =
      refusal_words(X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_current_cert(store), of(ssl).wanted_);
  return ok;
}

int TlsSession::on_certificate_wanted(SSL* ssl, X509**, EVP_PKEY**) {
  of(ssl).certificate_was_wanted_ = true;
  return 0;
}

void TlsSession::collect_output() noexcept {
  char* data = nullptr;
  const long size = BIO_get_mem_data(to_peer_, &data);
  if (size <= 0) return;
  if (sent_ == output_.size()) {
    output_.clear();
    sent_ = 0;
  }
  output_.append(data, static_cast<std::size_t>(size));
  static_cast<void>(BIO_reset(to_peer_));
}

IoStatus TlsSession::fail() noexcept {
  collect_output();
  failure_ = refusal_.empty() ? failure_words() : refusal_;
  if (refusal_.empty() && certificate_was_wanted_) {
    failure_ += "; it asked for a client certificate, and none is configured";
  }
  ERR_clear_error();
  return IoStatus::tls;
}

IoStatus TlsSession::handshake() noexcept {
  if (!failure_.empty()) return IoStatus::tls;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    collect_output();
    return IoStatus::ok;
  }
  if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) return fail();
  collect_output();
  return IoStatus::would_block;
}

void TlsSession::feed(std::string_view ciphertext) noexcept {
  const int size = static_cast<int>(ciphertext.size());
  if (BIO_write(from_peer_, ciphertext.data(), size) != size) fail();
}

IoResult TlsSession::read(std::span<char> into) noexcept {
  if (!failure_.empty()) return {IoStatus::tls, 0};
  ERR_clear_error();
  std::size_t got = 0;
  const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
  collect_output();  // reading may have something to answer: a key update
  if (result == 1) return {IoStatus::ok, got};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {IoStatus::would_block, 0};
    case SSL_ERROR_ZERO_RETURN: return {IoStatus::eof, 0};
    default: return {fail(), 0};
  }
}

std::size_t TlsSession::write(std::string_view bytes) noexcept {
  if (!failure_.empty() || must_read_first()) return 0;
  if (next_record_ == records_.size()) {
    records_.clear();
    next_record_ = 0;
  }
  bytes = bytes.substr(0, most_per_write);
  std::size_t encrypted = 0;
  while (encrypted < bytes.size()) {
    ERR_clear_error();
    const std::string_view piece = bytes.substr(encrypted, SSL3_RT_MAX_PLAIN_LENGTH);
    std::size_t taken = 0;
    const int result = SSL_write_ex(ssl_.get(), piece.data(), piece.size(), &taken);
    if (result != 1) {
      fail();
      break;
    }
    collect_output();
    encrypted += taken;
    records_.push_back({output_.size(), taken});
  }
  return encrypted;
}

std::size_t TlsSession::sent(std::size_t bytes) noexcept {
  sent_ += bytes;
  std::size_t accepted = 0;
  for (; has_records() && records_[next_record_].end <= sent_; ++next_record_) accepted += records_[next_record_].bytes;
  return accepted;
}

void TlsSession::finish() noexcept {
  if (!failure_.empty() || must_read_first()) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  collect_output();
}

}  // namespace meridian::net
