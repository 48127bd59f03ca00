// What is wrong with TLS options is said before anything starts.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "integration/support/certificates.hpp"
#include "net/tls_check.hpp"

namespace meridian::net {
namespace {

using testing::Authority;
using testing::Identity;
using testing::TemporaryFolder;

class TlsCheck : public ::testing::Test {
 protected:
  TlsCheck() { tls.enabled = true; }

  std::string complaint(const Endpoint& endpoint = {"host", 6379}) {
    const std::optional<Error> error = check_tls(endpoint, tls, "options.tls");
    if (!error) return "";
    EXPECT_EQ(error->code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error->message().find("PRIVATE"), std::string::npos);
    return error->message();
  }

  TemporaryFolder folder;
  Authority authority;
  Identity client = authority.issue({.common_name = "client"});
  TlsOptions tls;
};

TEST_F(TlsCheck, accepts_what_is_right) {
  EXPECT_EQ(complaint(), "");
  tls.ca_file = folder.write("ca.pem", authority.pem());
  tls.ca_folder = folder.path();
  tls.ca_pem = authority.pem();
  tls.certificate_file = folder.write("client.pem", client.certificate + authority.pem());
  tls.key_file = folder.write("client.key", client.key);
  tls.min_version = TlsVersion::tls_1_3;
  tls.cipher_list = "ECDHE+AESGCM";
  tls.cipher_suites = "TLS_AES_128_GCM_SHA256";
  EXPECT_EQ(complaint(), "");
}

TEST_F(TlsCheck, INIT_4_names_a_file_of_authorities_that_cannot_be_used) {
  tls.ca_file = folder.path() + "/none.pem";
  EXPECT_EQ(complaint(), "options.tls.ca_file is '" + tls.ca_file +
                             "': must be a readable file of PEM certificates (No such file or directory)");
  tls.ca_file = folder.write("empty.pem", "no certificate\n");
  EXPECT_EQ(complaint(), "options.tls.ca_file is '" + tls.ca_file +
                             "': must be a readable file of PEM certificates (there is none in it)");
  tls.ca_file = folder.path();
  EXPECT_NE(complaint().find("(Is a directory)"), std::string::npos);
}

TEST_F(TlsCheck, INIT_4_names_a_folder_or_text_of_authorities_that_cannot_be_used) {
  tls.ca_folder = folder.path();
  EXPECT_EQ(complaint(), "options.tls.ca_folder is '" + folder.path() +
                             "': must be a folder with readable files of PEM certificates (there is none in it)");
  tls.ca_folder = folder.path() + "/none";
  EXPECT_NE(complaint().find("(No such file or directory)"), std::string::npos);
  tls.ca_folder.clear();
  tls.ca_pem = "no certificate";
  EXPECT_EQ(complaint(), "options.tls.ca_pem is set: must be certificates in PEM form");
}

TEST_F(TlsCheck, INIT_4_names_a_key_that_is_not_that_of_the_certificate) {
  tls.certificate_pem = client.certificate;
  tls.key_file = folder.write("other.key", authority.issue({}).key);
  EXPECT_EQ(complaint(), "options.tls.key_file is '" + tls.key_file +
                             "': must be the key of the certificate of no name (its common name client does not count, "
                             "a subjectAltName does)");
}

TEST_F(TlsCheck, INIT_4_names_a_key_without_a_certificate_and_a_certificate_without_a_key) {
  tls.key_pem = client.key;
  EXPECT_EQ(complaint(),
            "options.tls.key_pem is set: must be set together with certificate_file or certificate_pem, which are "
            "empty");
  tls.key_pem = Secret();
  tls.certificate_file = "client.pem";
  EXPECT_EQ(complaint(),
            "options.tls.certificate_file is 'client.pem': must be set together with key_file or key_pem, which are "
            "empty");
  tls.certificate_file.clear();
  tls.key_passphrase = "sesame";
  EXPECT_EQ(complaint(),
            "options.tls.key_passphrase is set: must be set together with key_file or key_pem, which are empty");
}

TEST_F(TlsCheck, INIT_4_names_a_wrong_passphrase_and_does_not_tell_it) {
  tls.certificate_pem = client.certificate;
  tls.key_pem = testing::encrypted_key(client.key, "sesame");
  const std::string expected =
      "options.tls.key_pem is set: must be a key in PEM form, and key_passphrase the one that it was encrypted with";
  EXPECT_EQ(complaint(), expected);
  tls.key_passphrase = "mistaken";
  EXPECT_EQ(complaint(), expected);
  tls.key_passphrase = "sesame";
  EXPECT_EQ(complaint(), "");
}

TEST_F(TlsCheck, INIT_4_names_what_is_no_key_and_what_is_no_certificate) {
  tls.certificate_pem = client.certificate;
  tls.key_pem = "no key";
  EXPECT_EQ(complaint(), "options.tls.key_pem is set: must be a key in PEM form");
  tls.certificate_pem = "no certificate";
  EXPECT_EQ(complaint(), "options.tls.certificate_pem is set: must be a certificate in PEM form");
}

TEST_F(TlsCheck, INIT_4_names_wrong_ciphers) {
  tls.cipher_list = "ROT13";
  EXPECT_EQ(complaint(), "options.tls.cipher_list is 'ROT13': must be ciphers of TLS 1.2 as OpenSSL calls them");
  tls.cipher_list.clear();
  tls.cipher_suites = "ROT13";
  EXPECT_EQ(complaint(),
            "options.tls.cipher_suites is 'ROT13': must be cipher suites of TLS 1.3 as OpenSSL calls them");
}

TEST_F(TlsCheck, INIT_4_options_that_only_count_with_TLS_are_refused_without_it) {
  tls.enabled = false;
  EXPECT_EQ(complaint(), "");
  tls.ca_file = "ca.pem";
  EXPECT_EQ(complaint(),
            "options.tls.ca_file is 'ca.pem': must be left alone without TLS; enabled is false, and the URI does not "
            "say rediss:// or valkeys://");
}

TEST_F(TlsCheck, INIT_4_there_is_no_TLS_on_a_unix_socket) {
  EXPECT_EQ(complaint({.path = "/run/redis.sock"}),
            "options.tls.enabled is true: must be false for a Unix socket, which servers speak plainly on: "
            "'/run/redis.sock'");
}

}  // namespace
}  // namespace meridian::net
