// Looks at files by errands, and who waits for them.
#include "net/tls_context.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>

#include "net/steady_clock.hpp"

namespace meridian::net {

bool are_same(const TlsOptions& a, const TlsOptions& b) {
  const auto fields = [](const TlsOptions& o) {
    return std::tie(o.enabled, o.server_name, o.ca_file, o.ca_folder, o.ca_pem, o.certificate_file, o.certificate_pem,
                    o.key_file, o.min_version, o.cipher_list, o.cipher_suites, o.insecure_skip_hostname_check,
                    o.insecure_skip_verification);
  };
  return fields(a) == fields(b) && a.key_pem.reveal_secret() == b.key_pem.reveal_secret() &&
         a.key_passphrase.reveal_secret() == b.key_passphrase.reveal_secret();
}

TlsContext::TlsContext(io::Executor& loop, io::Errands& errands, TlsOptions options)
    : errands_(errands), options_(std::make_shared<const TlsOptions>(std::move(options))), timer_(loop.make_timer()) {}

void TlsContext::get(Handler handler) {
  if (context_ && (out_of_patience_ || !has_files())) return handler(context_.get());
  waiting_.push_back(std::move(handler));
  if (!looking_) start_look();
}

bool TlsContext::has_files() const noexcept {
  return !options_->ca_file.empty() || !options_->ca_folder.empty() || !options_->certificate_file.empty() ||
         !options_->key_file.empty();
}

void TlsContext::start_look() {
  looking_ = errands_.run([options = options_, loaded = loaded_, weak = weak_from_this()]() -> io::Task {
    // Shared, because a task can be copied and what was loaded cannot.
    auto found = std::make_shared<Found>(look(*options, loaded));
    return [weak, found = std::move(found)] {
      if (const auto self = weak.lock()) self->on_looked(std::move(*found));
    };
  });
  if (!looking_) {
    error_ = "the machine has no thread left to read the files of TLS";
    return serve();
  }
  if (!context_) return;
  timer_->arm(SteadyClock().now() + patience, [this] {
    out_of_patience_ = true;
    serve();
  });
}

void TlsContext::on_looked(Found found) {
  looking_ = false;
  out_of_patience_ = false;
  timer_->cancel();
  if (!found.loaded) {
    error_ = found.loaded.error().message();
  } else if (*found.loaded) {
    context_ = std::move(*found.loaded);
    loaded_ = std::move(found.stamps);
  }
  serve();
}

void TlsContext::serve() {
  const auto self = shared_from_this();  // a handler may drop it
  for (const Handler& handler : std::exchange(waiting_, {})) handler(context_.get());
}

TlsContext::Found TlsContext::look(const TlsOptions& options, const std::optional<Stamps>& loaded) {
  // Looked at before they are read: what changes in between is found by the next look.
  Stamps stamps = stamps_of(options);
  if (loaded == stamps) return {std::move(stamps), SslContext()};
  return {std::move(stamps), make_ssl_context(options, "tls")};
}

void TlsContext::add_stamp(const std::string& path, Stamps& stamps) {
  if (path.empty()) return;
  Stamp stamp{.path = path};
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    stamp.device = status.st_dev;
    stamp.inode = status.st_ino;
    stamp.size = status.st_size;
    stamp.changed = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  }
  stamps.push_back(std::move(stamp));
}

TlsContext::Stamps TlsContext::stamps_of(const TlsOptions& options) {
  Stamps stamps;
  for (const std::string* file : {&options.ca_file, &options.certificate_file, &options.key_file}) {
    add_stamp(*file, stamps);
  }
  if (options.ca_folder.empty()) return stamps;
  const auto files = static_cast<std::ptrdiff_t>(stamps.size());
  std::error_code error;
  for (std::filesystem::directory_iterator entry(options.ca_folder, error), end; !error && entry != end;
       entry.increment(error)) {
    add_stamp(entry->path().string(), stamps);
  }
  std::sort(stamps.begin() + files, stamps.end(), [](const Stamp& a, const Stamp& b) { return a.path < b.path; });
  return stamps;
}

}  // namespace meridian::net
