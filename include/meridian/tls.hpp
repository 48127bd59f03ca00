/// \file
/// TLS for the connections to one database. Off by default; `rediss://` and `valkeys://` turn it on.
///
/// \code
/// meridian::ClientOptions options;
/// options.tls.ca_file = "/etc/redis/ca.crt";
/// meridian::Client client("rediss://redis-east.example.com:14000", options);
/// \endcode
///
/// The server's certificate is verified, chain and name, before a byte of a command or of a credential leaves. Files
/// are looked at again when a connection is made: renewed certificates are used by the next connection, open ones live
/// on, and a file that became unreadable leaves what was loaded before in use. So does a file system that takes longer
/// than 0.1 s: no thread of the client's but one for this waits for it.
#pragma once

#include <string>

#include <meridian/secret.hpp>

namespace meridian {

/// The oldest version of the protocol that is spoken.
enum class TlsVersion { tls_1_2, tls_1_3 };

/// All files are PEM. Of the fields for trust and for a certificate, files and memory are alternatives.
struct TlsOptions {
  /// Set by the schemes `rediss` and `valkeys`. Any other field needs it.
  bool enabled = false;

  /// The name that the server's certificate must be for, also sent as SNI; empty: the host that is connected to. A name
  /// or an IP address; it must stand in the certificate's subjectAltName, the common name does not count.
  std::string server_name{};

  /// Who may sign the server's certificate: a file of certificates, a folder of such files, and the certificates
  /// themselves. All that are given count together; if none is, those that the system trusts.
  std::string ca_file{};
  std::string ca_folder{};
  std::string ca_pem{};

  /// The client's certificate, followed by those between it and its CA; with its key.
  std::string certificate_file{};
  std::string certificate_pem{};
  std::string key_file{};
  Secret key_pem{};
  Secret key_passphrase{};  ///< For a key that is encrypted.

  TlsVersion min_version = TlsVersion::tls_1_2;
  /// For TLS 1.2 and TLS 1.3, in OpenSSL's notation; empty: its defaults.
  std::string cipher_list{};
  std::string cipher_suites{};

  /// Accepts a certificate for another name: whoever has any certificate of a trusted CA can be the server.
  bool insecure_skip_hostname_check = false;
  /// Accepts any certificate: whoever is on the way can read the password and every command.
  bool insecure_skip_verification = false;
};

}  // namespace meridian
