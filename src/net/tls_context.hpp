// What TLS connections with the same options are made with: loaded once and shared, and loaded again when a file has
// changed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <meridian/result.hpp>
#include <meridian/time.hpp>
#include <meridian/tls.hpp>

#include "io/errands.hpp"
#include "io/executor.hpp"
#include "net/tls_loading.hpp"

namespace meridian::net {

// Whether one context serves both.
[[nodiscard]] bool are_same(const TlsOptions& a, const TlsOptions& b);

// Lives on the loop; to be held by a shared_ptr. Files are looked at and read by errands: a file system that hangs
// holds up nobody but those who have nothing else to connect with.
class TlsContext : public std::enable_shared_from_this<TlsContext> {
 public:
  // Gets what the next connection is to be made with, good until it returns (a session made with it keeps it); null if
  // nothing was ever loaded: `error()`.
  using Handler = std::function<void(SSL_CTX*)>;

  TlsContext(io::Executor& loop, io::Errands& errands, TlsOptions options);

  [[nodiscard]] const TlsOptions& options() const noexcept { return *options_; }

  // Calls `handler` once, perhaps inside this call, after a look whether files have changed. What cannot be loaded
  // leaves what was loaded before in use: a renewal is seldom one step, and half of it must not stop anything. So does
  // a look that takes longer than `patience`; its result is for the connections after it.
  void get(Handler handler);
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

  static constexpr Duration patience = std::chrono::milliseconds(100);

 private:
  // What tells one state of a file from another.
  struct Stamp {
    std::string path;
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;  // -1: not there
    std::int64_t changed = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::vector<Stamp>;

  // A result that is null: nothing has changed.
  struct Found {
    Stamps stamps;
    Result<SslContext> loaded;
  };

  static void add_stamp(const std::string& path, Stamps& stamps);
  [[nodiscard]] static Stamps stamps_of(const TlsOptions& options);
  [[nodiscard]] static Found look(const TlsOptions& options, const std::optional<Stamps>& loaded);

  [[nodiscard]] bool has_files() const noexcept;
  void start_look();
  void on_looked(Found found);
  void serve();

  io::Errands& errands_;
  const std::shared_ptr<const TlsOptions> options_;  // shared with errands under way
  SslContext context_;
  std::optional<Stamps> loaded_;  // the files as they were when `context_` was loaded; if it ever was
  bool looking_ = false;
  bool out_of_patience_ = false;  // with the look under way
  std::vector<Handler> waiting_;
  std::unique_ptr<io::Timer> timer_;
  std::string error_;
};

}  // namespace meridian::net
