/// \file
/// Any command by its words, for those that have no method of their own:
/// \code
/// meridian::Reply reply = client.command("XADD", "log", "*", "level", 3);
/// std::int64_t length = client.command<std::int64_t>("XLEN", "log");
/// client.command(meridian::Repeat::overwrite, "MYMODULE.SET", "k", "v");  // the library does not know it: we do
/// \endcode
///
/// What is known of a command by its words, such as its keys and how long it may block, counts as it does for the typed
/// ones (`describe_command`): one that blocks (BLPOP, XREAD … BLOCK) gets a connection of its own. Those that change
/// the connection that they run on (SELECT, MULTI, SUBSCRIBE, CLIENT REPLY) are refused with `invalid_argument`: calls
/// share connections.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <meridian/command.hpp>
#include <meridian/commands/arguments.hpp>
#include <meridian/commands/traits.hpp>
#include <meridian/decode.hpp>

namespace meridian {

namespace detail {

/// One word of a command: a text, or a number written as decimal text (doubles so that they read back equal).
class Word {
 public:
  template <Text T>
  Word(const T& text) : view_(text) {}  // NOLINT(google-explicit-constructor): a parameter type

  template <Number T>
  Word(T number) {  // NOLINT(google-explicit-constructor)
    char* const end = std::to_chars(buffer_.data(), buffer_.data() + buffer_.size(), number).ptr;
    view_ = std::string_view(buffer_.data(), static_cast<std::size_t>(end - buffer_.data()));
  }

  Word(const Word&) = delete;
  Word& operator=(const Word&) = delete;

  [[nodiscard]] std::string_view view() const noexcept { return view_; }

 private:
  std::array<char, 32> buffer_;  // the longest double has 24 characters
  std::string_view view_;
};

[[nodiscard]] inline Request request_of(std::span<const std::string_view> words) {
  RequestBuilder builder(words.empty() ? std::string_view() : words.front(), {});
  for (std::size_t i = 1; i < words.size(); ++i) builder.arg(words[i]);
  Request request = std::move(builder).build();
  const std::uint8_t name_words = request.name_words;  // a first word such as "XINFO STREAM" is two
  static_cast<RequestFacts&>(request) = describe_command(words);
  request.name_words = name_words;
  return request;
}

template <class... Args>
concept Words = sizeof...(Args) > 0 && (std::is_constructible_v<Word, const Args&> && ...);

}  // namespace detail

namespace cmd {

/// A command from its words, the name first; texts and numbers. The reply is decoded as a `T` (see `decode`).
template <class T = Reply, class... Args>
  requires(detail::Words<Args...>)
[[nodiscard]] Command<T> custom(const Args&... args) {
  const detail::Word words[] = {detail::Word(args)...};
  std::array<std::string_view, sizeof...(Args)> views;
  for (std::size_t i = 0; i < views.size(); ++i) views[i] = words[i].view();
  return {detail::request_of(views), decode<T>};
}

/// The same with a grade of the caller's choice: for commands that the library does not know, or knows less well.
template <class T = Reply, class... Args>
  requires(detail::Words<Args...>)
[[nodiscard]] Command<T> custom(Repeat repeat, const Args&... args) {
  Command<T> command = custom<T>(args...);
  command.request.traits.repeat = repeat;
  return command;
}

/// A command from a range of words that is only known at run time. An empty range is an error that the server reports.
template <class T = Reply, detail::RangeOfTexts Range>
[[nodiscard]] Command<T> custom(const Range& range) {
  std::vector<std::string_view> views;
  for (const std::string_view word : range) views.push_back(word);
  return {detail::request_of(views), decode<T>};
}

/// The same with a grade of the caller's choice.
template <class T = Reply, detail::RangeOfTexts Range>
[[nodiscard]] Command<T> custom(Repeat repeat, const Range& range) {
  Command<T> command = custom<T>(range);
  command.request.traits.repeat = repeat;
  return command;
}

}  // namespace cmd

/// `command(…)`: runs what `cmd::custom` makes of the same arguments. `T`: what the reply is decoded as.
template <class Derived>
class CustomCommands {
 public:
  template <class T = Reply, class... Args>
  auto command(const Args&... args) {
    return static_cast<Derived&>(*this).run(cmd::custom<T>(args...));
  }
};

}  // namespace meridian
