// A file, its client, and the thread that watches.
#include <meridian/config_file.hpp>

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include <meridian/duration_text.hpp>
#include <meridian/multi_db_client.hpp>

#include "components/config/changes.hpp"
#include "components/config/files.hpp"

namespace meridian {
namespace {

Error because(const std::string& context, const Error& error) {
  ErrorDetails details = error.details();
  details.message = context + ": " + details.message;
  return Error(std::move(details));
}

}  // namespace

class ConfigFile::Impl {
 public:
  Impl(std::string path, Complete complete) : path_(std::move(path)), complete_(std::move(complete)) {}

  Result<MultiDbConfig> load() {
    const std::lock_guard lock(mutex_);
    if (operate_) {
      return fail(ErrorCode::invalid_argument, Delivery::not_sent,
                  "load of " + path_ + ": a client follows the file already; reload brings it up to date");
    }
    Result<MultiDbConfig> config = read();
    if (config) applied_ = *config;
    return config;
  }

  void follow(Operate operate) {
    const std::lock_guard lock(mutex_);
    operate_ = std::move(operate);
  }

  Result<ConfigChanges> reload() {
    const std::lock_guard lock(mutex_);
    if (!applied_ || !operate_) {
      return fail(ErrorCode::invalid_argument, Delivery::not_sent,
                  "reload of " + path_ + ": load and follow must have been called first");
    }
    const Result<MultiDbConfig> config = read();
    if (!config) return Unexpected(config.error());
    Result<config::Plan> plan = config::plan_changes(*applied_, *config);
    if (!plan) return Unexpected(because(path_, plan.error()));
    ConfigChanges changes;
    for (const op::Operation& operation : plan->operations) {
      if (const Result<void> done = operate_(operation); !done) {
        return Unexpected(because(path_ + ": " + config::describe(operation), done.error()));
      }
      config::note(operation, *applied_, changes);
    }
    changes.at_restart = std::move(plan->at_restart);
    return changes;
  }

  void watch(Duration interval, Told told) {
    const std::lock_guard lock(watching_);
    watcher_ = {};  // the old one ends first
    watcher_ = std::jthread(
        [this, interval, told = std::move(told)](const std::stop_token& stop) { watch_until(stop, interval, told); });
  }

 private:
  // REQUIRES: the mutex is held.
  Result<MultiDbConfig> read() {
    const Result<std::string> text = config::read_config_file(path_);
    read_ = fingerprint(text);
    if (!text) return Unexpected(text.error());
    Result<MultiDbConfig> config = parse_config(*text, path_);
    if (!config || !complete_) return config;
    try {
      complete_(*config);
    } catch (const std::exception& thrown) {
      return fail(ErrorCode::invalid_argument, Delivery::not_sent,
                  path_ + ": the program's own completion threw: " + thrown.what());
    }
    if (const Result<void> checked = check_config(*config); !checked) {
      return Unexpected(because(path_ + ", completed by the program", checked.error()));
    }
    return config;
  }

  // Not the text itself, which may hold passwords.
  static std::size_t fingerprint(const Result<std::string>& text) {
    return std::hash<std::string>()(text ? *text : text.error().message());
  }

  [[nodiscard]] std::size_t last_read() {
    const std::lock_guard lock(mutex_);
    return read_;
  }

  void watch_until(const std::stop_token& stop, Duration interval, const Told& told) {
    std::size_t candidate = last_read();
    std::string last_refusal;
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    while (true) {
      never.wait_for(lock, stop, interval, [] { return false; });
      if (stop.stop_requested()) return;
      const std::size_t now = fingerprint(config::read_config_file(path_));
      const bool is_stable = now == candidate;
      candidate = now;
      if (is_stable && (now != last_read() || !last_refusal.empty())) reload_and_tell(told, last_refusal);
    }
  }

  // What the client refuses only now is tried again at the next look, and told once.
  void reload_and_tell(const Told& told, std::string& last_refusal) noexcept {
    try {
      const Result<ConfigChanges> changes = reload();
      const bool may_pass = !changes && changes.error().code() == ErrorCode::temporarily_unavailable;
      const std::string refusal = may_pass ? changes.error().message() : "";
      const bool is_news = refusal.empty() || refusal != last_refusal;
      last_refusal = refusal;
      if (is_news && told) told(changes);
    } catch (...) {  // NOLINT(bugprone-empty-catch): a failure of the program's own code; the watch goes on
    }
  }

  const std::string path_;
  const Complete complete_;
  std::mutex mutex_;
  std::optional<MultiDbConfig> applied_;  // under mutex_: what the client has, as far as files said it
  std::size_t read_ = 0;                  // under mutex_: fingerprint of what was read last
  Operate operate_;                       // under mutex_
  std::mutex watching_;
  std::jthread watcher_;  // under watching_; last: it uses the others
};

ConfigFile::ConfigFile(std::string path, Complete complete)
    : impl_(std::make_unique<Impl>(std::move(path), std::move(complete))) {}

ConfigFile::~ConfigFile() = default;

Result<MultiDbConfig> ConfigFile::load() { return impl_->load(); }

void ConfigFile::follow(MultiDbClient& client) { impl_->follow(client.remote_control()); }

void ConfigFile::follow(Operate operate) { impl_->follow(std::move(operate)); }

Result<ConfigChanges> ConfigFile::reload() { return impl_->reload(); }

void ConfigFile::watch(Duration interval, Told told) {
  if (interval <= Duration::zero() || interval > std::chrono::hours(24 * 365)) {
    throw Error(ErrorCode::invalid_argument, Delivery::not_sent,
                "interval is " + duration_text(interval) + ": must be greater than 0 and at most 365 days");
  }
  try {
    impl_->watch(interval, std::move(told));
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::local_resource, Delivery::not_sent, std::string("watching a file: ") + error.what());
  }
}

}  // namespace meridian
