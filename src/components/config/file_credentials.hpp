// `password_file`: a password that somebody else keeps and renews.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <meridian/credentials.hpp>
#include <meridian/result.hpp>

namespace meridian::config {

// The password is the file's text without the line end behind it, read anew for each connection.
class FileCredentials final : public CredentialsProvider {
 public:
  FileCredentials(std::string user, std::string path) : user_(std::move(user)), path_(std::move(path)) {}

  // Error: why there is no password in the file now.
  [[nodiscard]] Result<Secret> password() const;
  [[nodiscard]] Credentials credentials() override;

  friend bool operator==(const FileCredentials& a, const FileCredentials& b) {
    return a.user_ == b.user_ && a.path_ == b.path_;
  }

 private:
  std::string user_;
  std::string path_;
};

// The same object, or the same file for the same user.
[[nodiscard]] bool same_credentials(const std::shared_ptr<CredentialsProvider>& a,
                                    const std::shared_ptr<CredentialsProvider>& b);

}  // namespace meridian::config
