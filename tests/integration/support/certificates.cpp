// X.509 by hand: elliptic keys, because they are made in a moment.
#include "integration/support/certificates.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <atomic>
#include <fstream>
#include <stdexcept>

namespace meridian::testing {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Bio = std::unique_ptr<BIO, Free>;

void check(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("certificates: ") + what);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  check(PEM_write_bio_X509(bio.get(), certificate) == 1, "writing a certificate");
  return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  check(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "writing a key");
  return text_of(bio.get());
}

void extend(X509* certificate, int kind, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, Free> extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  check(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

// Without a signature.
Certificate blank(const CertificateSpec& spec, EVP_PKEY* key) {
  static std::atomic<long> serial{1};
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), spec.valid_from.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), spec.valid_until.count());
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(spec.common_name.c_str()), -1, -1, 0);
  return certificate;
}

}  // namespace

struct Authority::Parts {
  Key key;
  Certificate certificate;
};

Authority::Authority(const std::string& name) : parts_(std::make_unique<Parts>()) {
  parts_->key.reset(EVP_EC_gen("P-256"));
  parts_->certificate = blank({.common_name = name}, parts_->key.get());
  X509* const certificate = parts_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  check(X509_sign(certificate, parts_->key.get(), EVP_sha256()) != 0, "signing an authority");
  pem_ = pem_of(certificate);
}

Authority::~Authority() = default;

Identity Authority::issue(const CertificateSpec& spec) const {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = blank(spec, key.get());
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(parts_->certificate.get()));
  std::string names;
  for (const std::string& name : spec.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& address : spec.addresses) names += (names.empty() ? "IP:" : ",IP:") + address;
  if (!names.empty()) extend(certificate.get(), NID_subject_alt_name, names);
  check(X509_sign(certificate.get(), parts_->key.get(), EVP_sha256()) != 0, "signing a certificate");
  return {pem_of(certificate.get()), pem_of(key.get())};
}

std::string encrypted_key(const std::string& key_pem, const std::string& passphrase) {
  const Bio from(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const Key key(PEM_read_bio_PrivateKey(from.get(), nullptr, nullptr, nullptr));
  const Bio bio(BIO_new(BIO_s_mem()));
  std::string secret = passphrase;
  check(key != nullptr && PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), EVP_aes_256_cbc(), secret.data(),
                                                        static_cast<int>(secret.size()), nullptr, nullptr) == 1,
        "encrypting a key");
  return text_of(bio.get());
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "meridian-certificates-XXXXXX").string();
  check(::mkdtemp(name.data()) != nullptr, "making a folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // a folder left behind is no reason to fail
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& text) const {
  const std::filesystem::path whole = path_ / name;
  const std::filesystem::path part = path_ / (name + ".part");
  std::ofstream(part, std::ios::binary) << text;
  std::filesystem::rename(part, whole);
  return whole.string();
}

}  // namespace meridian::testing
