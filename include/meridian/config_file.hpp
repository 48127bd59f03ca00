/// \file
/// Configuration from a TOML file, read again while the program runs. An optional component: link `meridian::config`.
/// The format is described in docs/configuration.md, every key in docs/options.md.
///
/// \code
/// meridian::ConfigFile file("/etc/shop/redis.toml");
/// meridian::MultiDbClient client(meridian::value_or_throw(file.load()));
/// file.follow(client);
/// file.watch(std::chrono::seconds(5), [](const meridian::Result<meridian::ConfigChanges>& changes) {
///   std::clog << (changes ? changes->text() : changes.error().message()) << '\n';
/// });
/// \endcode
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/export.hpp>
#include <meridian/multi_db_config.hpp>
#include <meridian/operations.hpp>
#include <meridian/result.hpp>

namespace meridian {

class MultiDbClient;       // <meridian/multi_db_client.hpp>
class AsyncMultiDbClient;  // <meridian/async_multi_db_client.hpp>

/// What `text` says, validated whole (INIT-4). `name` is what errors call it. Error: `invalid_argument` with line, key,
/// value and what would be right: "redis.toml:7: database[1].weight is 0: must be finite and greater than 0". No error
/// shows a password. Looks at `password_file` and environment variables where the text names them.
[[nodiscard]] MERIDIAN_EXPORT Result<MultiDbConfig> parse_config(std::string_view text,
                                                                 std::string_view name = "configuration");

/// The same of a regular file of at most 1 MiB.
[[nodiscard]] MERIDIAN_EXPORT Result<MultiDbConfig> load_config(const std::string& path);

/// What reading a file again has changed.
struct ConfigChanges {
  std::vector<std::string> added{};       ///< Databases by name.
  std::vector<std::string> reweighted{};  ///< Databases whose weight changed.
  std::vector<std::string> removed{};
  bool reconfigured = false;  ///< Timings and rules of the client.
  /// What differs, too, and counts for new clients only: "health_checks", "database 'west': grace_period".
  std::vector<std::string> at_restart{};

  [[nodiscard]] bool empty() const noexcept {
    return added.empty() && reweighted.empty() && removed.empty() && !reconfigured && at_restart.empty();
  }
  /// In one line, for a log: "added south; removed west; at the next start: health_checks".
  [[nodiscard]] MERIDIAN_EXPORT std::string text() const;
};

/// A file and the client that follows it. Thread-safe; neither movable nor copyable.
class MERIDIAN_EXPORT ConfigFile {
 public:
  /// Carries out an operation on a client, and blocks until it is done.
  using Operate = std::function<Result<void>(const op::Operation&)>;
  /// Adds what a file cannot say: listeners, strategies, a runtime. Called with what the file says, each time it is
  /// read.
  using Complete = std::function<void(MultiDbConfig&)>;
  /// Told of every new content of a watched file.
  using Told = std::function<void(const Result<ConfigChanges>&)>;

  /// Reads nothing yet.
  explicit ConfigFile(std::string path, Complete complete = {});
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;
  /// Ends the watch, and waits for a reading that is under way. REQUIRES: not within `Told`.
  ~ConfigFile();

  /// What the file says now: make the client of it, before it follows. Errors are those of `load_config`, and
  /// `invalid_argument` for what `complete` throws, or if a client follows already.
  [[nodiscard]] Result<MultiDbConfig> load();

  /// Whom `reload` changes. It may go before this object: then `reload` fails with `closed`. REQUIRES: it was made of
  /// what `load` gave.
  void follow(MultiDbClient& client);
  void follow(AsyncMultiDbClient& client);
  /// The same for anything else, and for tests.
  void follow(Operate operate);

  /// Reads the file and changes the client from what it said before to what it says now: timings and rules first, then
  /// databases are added, then weights set, then databases removed. Blocks until that is done; not within a callback of
  /// the client (`would_deadlock`).
  ///
  /// Everything is validated first: a wrong file changes nothing. A database with another address needs another name;
  /// under the same one it is an error. If the client refuses a step (the last usable database is not removed), the
  /// error says which; the steps before it are done, and the next `reload` begins where this one ended.
  [[nodiscard]] Result<ConfigChanges> reload();

  /// Looks at the file's text each `interval`, on a thread of its own, and reloads once a new text was the same at two
  /// looks: one that is being written is not half a configuration. Replaces an earlier watch. `told` is called on that
  /// thread; what it throws is dropped. A file that cannot be read is told once; what the client refuses only now
  /// (`temporarily_unavailable`) is told once and tried again at each look.
  /// Throws `Error`: `invalid_argument`: an interval that is not > 0 and ≤ 365 days; `local_resource`: no thread left.
  /// REQUIRES: not within `Told`.
  void watch(Duration interval, Told told);

  /// The library's own.
  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace meridian
