// Certificates made while a test runs: authorities, servers and clients, right ones and wrong ones. No OpenSSL in this
// header.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace meridian::testing {

// A certificate and its key, both PEM.
struct Identity {
  std::string certificate;
  std::string key;
};

struct CertificateSpec {
  std::string common_name = "server";
  std::vector<std::string> dns_names{};
  std::vector<std::string> addresses{};
  // From now.
  std::chrono::seconds valid_from = std::chrono::hours(-1);
  std::chrono::seconds valid_until = std::chrono::hours(24);
};

class Authority {
 public:
  explicit Authority(const std::string& name = "Test CA");
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  ~Authority();

  [[nodiscard]] const std::string& pem() const noexcept { return pem_; }
  [[nodiscard]] Identity issue(const CertificateSpec& spec) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string pem_;
};

// The same key, to be opened with `passphrase`.
[[nodiscard]] std::string encrypted_key(const std::string& key_pem, const std::string& passphrase);

// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  // Writes a file whole, as a new one (as certificate tools do: a rename), and gives its path.
  std::string write(const std::string& name, const std::string& text) const;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace meridian::testing
