// Every typed command as examples: the words that it must send, what it must answer, and what has to be there first.
// The harness holds each of them against a real server; see conformance_main.cpp. To add some: a function in
// <family>_examples.cpp, called by all_examples().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <meridian/commands.hpp>

#include "conformance/leaves.hpp"

namespace meridian::conformance {

// One example. `words`, `given` and `raw` are in one notation: words with spaces between them; '…' quotes a word that
// has spaces or none at all.
struct About {
  std::string_view words;                    // the command as the documentation writes it
  std::vector<std::string_view> given = {};  // commands run before it on an empty server
  // What the server answers, where the harness cannot compare by itself: "[a 1 nil]". Brackets are for the reader.
  std::string_view raw = {};
  // The answer is random or the server's own: it is held against `expected` only, which is a predicate.
  bool unpredictable = false;
  std::string_view since = {};  // "7.4": a server older than that has the command, but not these words of it
  bool on_cluster = false;      // needs a node with cluster mode on
  std::string_view error = {};  // the server can but refuse it here; how its words begin: "NOTBUSY"
};

// What is expected of a Command<void>.
struct Ok {};
inline constexpr Ok ok{};

// What became of one run.
struct Answer {
  std::string error;       // of the call or of the decoder
  bool has_value = false;  // not after an error, and not of a Command<void>
  Leaves leaves;           // of the value
  bool is_expected = false;
};

// A front end whose methods give back the command instead of running it.
class Recorder : public Commands<Recorder> {
 public:
  template <class T>
  [[nodiscard]] Command<T> run(Command<T> command) const {
    return command;
  }
};

class Example {
 public:
  Example(About about, std::string_view file, unsigned line) : about_(std::move(about)), file_(file), line_(line) {}
  Example(const Example&) = delete;
  Example& operator=(const Example&) = delete;
  virtual ~Example() = default;

  [[nodiscard]] const About& about() const noexcept { return about_; }
  // Where it stands.
  [[nodiscard]] std::string_view file() const noexcept { return file_; }
  [[nodiscard]] unsigned line() const noexcept { return line_; }

  [[nodiscard]] virtual const Request& request() const noexcept = 0;
  // What became of a call that brought this reply, or that error.
  [[nodiscard]] virtual Answer judge(const Result<Reply>& reply) const = 0;

 private:
  About about_;
  std::string_view file_;
  unsigned line_;
};

template <class T>
class TypedExample final : public Example {
 public:
  using Check = std::function<bool(const T&)>;

  TypedExample(About about, std::string_view file, unsigned line, Command<T> command, Check check)
      : Example(std::move(about), file, line), command_(std::move(command)), check_(std::move(check)) {}

  [[nodiscard]] const Request& request() const noexcept override { return command_.request; }

  [[nodiscard]] Answer judge(const Result<Reply>& reply) const override {
    Answer answer;
    if (!reply) {
      answer.error = reply.error().what();
      return answer;
    }
    const Result<T> result = command_.decode(reply->view());
    if (!result) {
      answer.error = result.error().what();
      return answer;
    }
    answer.has_value = true;
    flatten(*result, answer.leaves);
    answer.is_expected = check_(*result);
    return answer;
  }

 private:
  Command<T> command_;
  Check check_;
};

template <>
class TypedExample<void> final : public Example {
 public:
  TypedExample(About about, std::string_view file, unsigned line, Command<void> command)
      : Example(std::move(about), file, line), command_(std::move(command)) {}

  [[nodiscard]] const Request& request() const noexcept override { return command_.request; }
  [[nodiscard]] Answer judge(const Result<Reply>& reply) const override;

 private:
  Command<void> command_;
};

class Examples {
 public:
  // `build`: `[](auto& c) { return c.lpush("l", {"x", "y"}); }`. `expected`: a value that the answer is compared with,
  // or a predicate of it; `ok` for a Command<void>.
  template <class Build, class Expected>
  void add(About about, Build build, Expected expected, const char* file = __builtin_FILE(),
           unsigned line = __builtin_LINE()) {
    Recorder recorder;
    keep(std::move(about), build(recorder), std::move(expected), file, line);
  }

  [[nodiscard]] const std::vector<std::unique_ptr<Example>>& all() const noexcept { return all_; }

 private:
  template <class T, class Expected>
  void keep(About about, Command<T> command, Expected expected, const char* file, unsigned line) {
    if constexpr (std::is_void_v<T>) {
      static_assert(std::is_same_v<Expected, Ok>, "a Command<void> is expected to be ok");
      all_.push_back(std::make_unique<TypedExample<void>>(std::move(about), file, line, std::move(command)));
    } else if constexpr (std::is_invocable_r_v<bool, const Expected&, const T&>) {
      all_.push_back(std::make_unique<TypedExample<T>>(std::move(about), file, line, std::move(command), expected));
    } else {
      all_.push_back(std::make_unique<TypedExample<T>>(
          std::move(about), file, line, std::move(command),
          [expected = std::move(expected)](const T& value) { return value == expected; }));
    }
  }

  std::vector<std::unique_ptr<Example>> all_;
};

void add_string_examples(Examples& examples);
void add_bitmap_examples(Examples& examples);
void add_key_examples(Examples& examples);
void add_hash_examples(Examples& examples);
void add_list_examples(Examples& examples);
void add_set_examples(Examples& examples);
void add_sorted_set_examples(Examples& examples);
void add_hyperloglog_examples(Examples& examples);
void add_geo_examples(Examples& examples);
void add_stream_examples(Examples& examples);
void add_json_examples(Examples& examples);
void add_scripting_examples(Examples& examples);
void add_server_examples(Examples& examples);
void add_connection_examples(Examples& examples);
void add_acl_examples(Examples& examples);
void add_cluster_examples(Examples& examples);

}  // namespace meridian::conformance
