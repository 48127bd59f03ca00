// PEM from files and memory into an SSL_CTX.
#include "net/tls_loading.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/server_text.hpp"
#include "core/validate.hpp"
#include "net/tls_check.hpp"
#include "net/tls_words.hpp"

namespace meridian::net {
namespace {

template <auto free_function>
struct FreeWith {
  template <class T>
  void operator()(T* object) const noexcept {
    free_function(object);
  }
};
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificates = std::vector<Certificate>;

// The text of a file or of a field, wiped, since it may be a key.
class Pem {
 public:
  explicit Pem(std::string_view text) : text_(text) {}
  Pem() = default;
  Pem(const Pem&) = delete;
  Pem& operator=(const Pem&) = delete;
  ~Pem() { OPENSSL_cleanse(text_.data(), text_.size()); }

  // 0, or the error number.
  [[nodiscard]] int read(const std::string& path) {
    const std::unique_ptr<std::FILE, FreeWith<std::fclose>> file(std::fopen(path.c_str(), "rbe"));
    if (!file) return errno;
    struct stat status {};
    if (::fstat(::fileno(file.get()), &status) != 0) return errno;
    if (S_ISDIR(status.st_mode)) return EISDIR;
    if (status.st_size > largest_file) return EFBIG;
    // In one go: a string that grows would leave parts of a key in freed memory.
    text_.resize(static_cast<std::size_t>(status.st_size));
    text_.resize(std::fread(text_.data(), 1, text_.size(), file.get()));
    return std::ferror(file.get()) != 0 ? EIO : 0;
  }

  [[nodiscard]] Bio bio() const { return Bio(BIO_new_mem_buf(text_.data(), static_cast<int>(text_.size()))); }

 private:
  static constexpr off_t largest_file = 64 << 20;
  std::string text_;
};

Certificates certificates_in(const Pem& pem) {
  Certificates found;
  const Bio bio = pem.bio();
  while (X509* certificate = PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr)) {
    found.emplace_back(certificate);
  }
  ERR_clear_error();  // the end of the text is an error to OpenSSL
  return found;
}

// Instead of OpenSSL's own, which asks on the terminal.
int give_passphrase(char* into, int size, int, void* passphrase) {
  const std::string_view text = static_cast<const Secret*>(passphrase)->reveal_secret();
  if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(into, text.data(), text.size());
  return static_cast<int>(text.size());
}

std::string in_brackets(const std::string& why) { return " (" + why + ")"; }

// Fills one SSL_CTX; stops at the first complaint.
class Loader {
 public:
  Loader(const TlsOptions& tls, std::string_view prefix) : tls_(tls), prefix_(prefix) {}

  [[nodiscard]] Result<SslContext> load() && {
    ERR_clear_error();
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (!context_) {
      return Unexpected(Error(ErrorCode::local_resource, Delivery::not_sent, "OpenSSL: " + openssl_words()));
    }
    set_rules();
    load_trust();
    load_own_certificate();
    ERR_clear_error();
    if (error_) return Unexpected(std::move(*error_));
    return std::move(context_);
  }

 private:
  void complain(std::string_view field, const std::string& value, const std::string& rule) {
    if (!error_) error_ = core::invalid(prefix_ + "." + std::string(field) + " is " + value + ": must be " + rule);
  }

  void set_rules() {
    SSL_CTX* const context = context_.get();
    const bool newest_only = tls_.min_version == TlsVersion::tls_1_3;
    SSL_CTX_set_min_proto_version(context, newest_only ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (!tls_.cipher_list.empty() && SSL_CTX_set_cipher_list(context, tls_.cipher_list.c_str()) != 1) {
      complain("cipher_list", core::quoted(tls_.cipher_list), "ciphers of TLS 1.2 as OpenSSL calls them");
    }
    if (!tls_.cipher_suites.empty() && SSL_CTX_set_ciphersuites(context, tls_.cipher_suites.c_str()) != 1) {
      complain("cipher_suites", core::quoted(tls_.cipher_suites), "cipher suites of TLS 1.3 as OpenSSL calls them");
    }
  }

  void load_trust() {
    if (tls_.insecure_skip_verification) return;
    if (tls_.ca_file.empty() && tls_.ca_folder.empty() && tls_.ca_pem.empty()) {
      SSL_CTX_set_default_verify_paths(context_.get());
      return;
    }
    if (!tls_.ca_file.empty()) trust_file();
    if (!tls_.ca_folder.empty()) trust_folder();
    if (!tls_.ca_pem.empty() && !trust(certificates_in(Pem(tls_.ca_pem)))) {
      complain("ca_pem", "set", "certificates in PEM form");
    }
  }

  // False if there are none.
  bool trust(const Certificates& certificates) {
    X509_STORE* const store = SSL_CTX_get_cert_store(context_.get());
    for (const Certificate& certificate : certificates) X509_STORE_add_cert(store, certificate.get());
    return !certificates.empty();
  }

  void trust_file() {
    Pem pem;
    const std::string rule = "a readable file of PEM certificates";
    if (const int error = pem.read(tls_.ca_file); error != 0) {
      complain("ca_file", core::quoted(tls_.ca_file), rule + in_brackets(std::generic_category().message(error)));
    } else if (!trust(certificates_in(pem))) {
      complain("ca_file", core::quoted(tls_.ca_file), rule + in_brackets("there is none in it"));
    }
  }

  // Every file that holds certificates counts: OpenSSL's own way would be to know only those with a hash for a name.
  void trust_folder() {
    std::error_code error;
    bool found = false;
    for (std::filesystem::directory_iterator entry(tls_.ca_folder, error), end; !error && entry != end;
         entry.increment(error)) {
      Pem pem;
      if (pem.read(entry->path().string()) == 0 && trust(certificates_in(pem))) found = true;
    }
    const std::string rule = "a folder with readable files of PEM certificates";
    if (error) complain("ca_folder", core::quoted(tls_.ca_folder), rule + in_brackets(error.message()));
    else if (!found) complain("ca_folder", core::quoted(tls_.ca_folder), rule + in_brackets("there is none in it"));
  }

  void load_own_certificate() {
    const bool from_file = !tls_.certificate_file.empty();
    if (!from_file && tls_.certificate_pem.empty()) return;
    const char* const field = from_file ? "certificate_file" : "certificate_pem";
    const std::string value = from_file ? core::quoted(tls_.certificate_file) : "set";
    const std::string rule = from_file ? "a readable file with a PEM certificate" : "a certificate in PEM form";
    Certificates chain;
    if (from_file) {
      Pem pem;
      if (const int error = pem.read(tls_.certificate_file); error != 0) {
        return complain(field, value, rule + in_brackets(std::generic_category().message(error)));
      }
      chain = certificates_in(pem);
    } else {
      chain = certificates_in(Pem(tls_.certificate_pem));
    }
    if (chain.empty()) return complain(field, value, rule + (from_file ? in_brackets("there is none in it") : ""));
    const Key key = load_key();
    if (!key) return;
    if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
      return complain(key_field(), key_value(), "the key of the certificate of " + names_of(chain.front().get()));
    }
    if (SSL_CTX_use_certificate(context_.get(), chain.front().get()) != 1) {
      return complain(field, value, "a certificate that OpenSSL accepts" + in_brackets(openssl_words()));
    }
    for (std::size_t i = 1; i < chain.size(); ++i) SSL_CTX_add1_chain_cert(context_.get(), chain[i].get());
    if (SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1) {
      complain(key_field(), key_value(), "a key that OpenSSL accepts" + in_brackets(openssl_words()));
    }
  }

  [[nodiscard]] Key load_key() {
    const bool from_file = !tls_.key_file.empty();
    Pem from;
    if (from_file) {
      if (const int error = from.read(tls_.key_file); error != 0) {
        complain("key_file", core::quoted(tls_.key_file),
                 "a readable file with a PEM key" + in_brackets(std::generic_category().message(error)));
        return nullptr;
      }
    }
    const Pem from_memory(tls_.key_pem.reveal_secret());
    const Bio bio = (from_file ? from : from_memory).bio();
    Secret passphrase = tls_.key_passphrase;
    Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &give_passphrase, &passphrase));
    if (!key) {
      const std::string rule = from_file ? "a readable file with a PEM key" : "a key in PEM form";
      const bool locked = is_about_passphrase(ERR_peek_last_error());
      complain(key_field(), key_value(),
               rule + (locked ? ", and key_passphrase the one that it was encrypted with" : ""));
    }
    return key;
  }

  // OpenSSL has several words for a passphrase that is missing or wrong.
  static bool is_about_passphrase(unsigned long error) {
    const int library = ERR_GET_LIB(error);
    const int reason = ERR_GET_REASON(error);
    if (library == ERR_LIB_PEM) {
      return reason == PEM_R_BAD_PASSWORD_READ || reason == PEM_R_BAD_DECRYPT ||
             reason == PEM_R_PROBLEMS_GETTING_PASSWORD;
    }
    return library == ERR_LIB_PKCS12 || library == ERR_LIB_EVP || library == ERR_LIB_PROV || library == ERR_LIB_CRYPTO;
  }

  [[nodiscard]] std::string key_field() const { return tls_.key_file.empty() ? "key_pem" : "key_file"; }
  [[nodiscard]] std::string key_value() const { return tls_.key_file.empty() ? "set" : core::quoted(tls_.key_file); }

  const TlsOptions& tls_;
  const std::string prefix_;
  SslContext context_;
  std::optional<Error> error_;
};

}  // namespace

Result<SslContext> make_ssl_context(const TlsOptions& tls, std::string_view prefix) {
  return Loader(tls, prefix).load();
}

std::optional<Error> check_tls(const Endpoint& endpoint, const TlsOptions& tls, std::string_view prefix) {
  if (auto wrong = core::validate(tls, endpoint, prefix)) return wrong;
  if (!tls.enabled) return std::nullopt;
  Result<SslContext> context = make_ssl_context(tls, prefix);
  if (!context) return std::move(context.error());
  return std::nullopt;
}

}  // namespace meridian::net
