// The human side of the output: lines that stay, and one live line, rewritten in place on a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

namespace meridian::demo {

enum class Tone { plain, strong, good, warning, bad, faint };

// A piece of a line in one colour.
struct Span {
  std::string text;
  Tone tone = Tone::plain;
};
using Line = std::vector<Span>;

// Colours and rewriting only on a terminal; NO_COLOR (https://no-color.org) and TERM=dumb are respected. Thread-safe.
class Screen {
 public:
  explicit Screen(std::FILE* out);
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen() { end_live(); }

  [[nodiscard]] bool rewrites() const noexcept { return rewrites_; }
  // Of the terminal; wide enough for everything where there is none.
  [[nodiscard]] std::size_t columns() const;

  // A line that stays.
  void print(const Line& line);
  // The same with the time since the start in front.
  void say(const Line& line);
  // On a terminal it takes the place of the last live line; elsewhere it is a line like any other.
  void live(const Line& line);
  // Wipes the live line, if there is one.
  void end_live();

 private:
  [[nodiscard]] Span time() const;
  [[nodiscard]] std::string paint(const Line& line) const;
  void print_locked(const Line& line);

  std::FILE* out_;
  bool rewrites_;
  bool coloured_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::string live_;  // as it stands on the terminal; empty: there is none
};

}  // namespace meridian::demo
