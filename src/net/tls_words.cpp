// Names, dates and alerts, each at most a line, nothing in it that a terminal would obey.
#include "net/tls_words.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <string_view>

#include "core/server_text.hpp"

namespace meridian::net {
namespace {

std::string text_of(const ASN1_STRING* text) {
  const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(text));
  return core::escape_server_text(std::string_view(data, static_cast<std::size_t>(ASN1_STRING_length(text))));
}

std::string ip_text(const ASN1_OCTET_STRING* address) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(address) != 16) return "?";
  ::inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof text);
  return text;
}

std::string name_text(const X509_NAME* name) {
  char text[256] = "";
  X509_NAME_oneline(name, text, sizeof text);
  return core::escape_server_text(text);
}

std::string common_name(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return name_text(name);
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

// "2024-05-01 12:00:00 UTC"
std::string date_text(const ASN1_TIME* time) {
  std::tm parts{};
  char text[48] = "?";
  if (ASN1_TIME_to_tm(time, &parts) == 1) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

}  // namespace

std::string openssl_words() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason == nullptr ? "unknown reason" : reason;
}

std::string names_of(X509* certificate) {
  constexpr int most_names = 8;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  std::string text;
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    if (!text.empty()) text += ", ";
    if (i >= most_names) return text + "…";
    text += name->type == GEN_DNS ? text_of(name->d.dNSName) : ip_text(name->d.iPAddress);
  }
  if (!text.empty()) return text;
  return "no name (its common name " + common_name(X509_get_subject_name(certificate)) +
         " does not count, a subjectAltName does)";
}

std::string refusal_words(int verify_error, X509* certificate, const std::string& wanted) {
  if (certificate == nullptr) return X509_verify_cert_error_string(verify_error);
  const std::string subject = common_name(X509_get_subject_name(certificate));
  switch (verify_error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "certificate of " + subject + " expired on " + date_text(X509_get0_notAfter(certificate));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "certificate of " + subject + " is not valid before " + date_text(X509_get0_notBefore(certificate));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "host name mismatch: wanted " + wanted + ", the certificate is for " + names_of(certificate);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:  // another CA of the same name
      return "unknown CA: certificate of " + subject + " is signed by " +
             common_name(X509_get_issuer_name(certificate)) + ", which is not trusted";
    default: return "certificate of " + subject + " refused: " + X509_verify_cert_error_string(verify_error);
  }
}

std::string failure_words() {
  const unsigned long error = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return openssl_words();
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:  // its first bytes are no record of TLS
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG: ERR_clear_error(); return "the server does not speak TLS";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      ERR_clear_error();
      return "protocol version: the server speaks no version of TLS that is allowed here";
    default: break;
  }
  if (reason > SSL_AD_REASON_OFFSET && reason <= SSL_AD_REASON_OFFSET + 255) {
    ERR_clear_error();
    const int alert = reason - SSL_AD_REASON_OFFSET;
    // OpenSSL 3.0 has no words for this one.
    const char* const words =
        alert == SSL_AD_CERTIFICATE_REQUIRED ? "certificate required" : SSL_alert_desc_string_long(alert);
    return std::string("the server refused: ") + words;
  }
  return openssl_words();
}

}  // namespace meridian::net
