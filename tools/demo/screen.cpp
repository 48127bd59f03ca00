// Painting lines, and taking the live one back.
#include "demo/screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace meridian::demo {
namespace {

constexpr const char* wipe = "\r\x1b[K";

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

const char* colour_of(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::strong: return "\x1b[1m";
    case Tone::good: return "\x1b[32m";
    case Tone::warning: return "\x1b[33m";
    case Tone::bad: return "\x1b[31m";
    case Tone::faint: return "\x1b[2m";
  }
  return "";
}

// A line that wraps could not be taken back. Live lines are ASCII: a byte is a column.
Line cut(const Line& line, std::size_t columns) {
  Line fitting;
  for (const Span& span : line) {
    const std::size_t length = std::min(span.text.size(), columns);
    fitting.push_back({span.text.substr(0, length), span.tone});
    columns -= length;
  }
  return fitting;
}

}  // namespace

Screen::Screen(std::FILE* out)
    : out_(out),
      rewrites_(::isatty(::fileno(out)) == 1 && environment("TERM") != "dumb"),
      coloured_(rewrites_ && environment("NO_COLOR").empty()) {}

std::size_t Screen::columns() const {
  constexpr std::size_t unlimited = 1000;
  if (!rewrites_) return unlimited;
  winsize size{};
  if (::ioctl(::fileno(out_), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void Screen::print(const Line& line) {
  const std::lock_guard lock(mutex_);
  print_locked(line);
}

void Screen::say(const Line& line) {
  Line timed{time()};
  timed.insert(timed.end(), line.begin(), line.end());
  const std::lock_guard lock(mutex_);
  print_locked(timed);
}

void Screen::live(const Line& line) {
  // Where lines stay, each needs its time; in place of the last one it would only take room.
  if (!rewrites_) return say(line);
  const std::lock_guard lock(mutex_);
  live_ = paint(cut(line, columns() - 1));
  std::fprintf(out_, "%s%s", wipe, live_.c_str());
  std::fflush(out_);
}

void Screen::end_live() {
  const std::lock_guard lock(mutex_);
  if (live_.empty()) return;
  live_.clear();
  std::fputs(wipe, out_);
  std::fflush(out_);
}

Span Screen::time() const {
  const std::chrono::duration<double> since = std::chrono::steady_clock::now() - started_;
  char text[32];
  std::snprintf(text, sizeof text, "%6.2f s  ", since.count());
  return {text, Tone::faint};
}

std::string Screen::paint(const Line& line) const {
  std::string text;
  for (const Span& span : line) {
    const bool colour = coloured_ && span.tone != Tone::plain;
    text += colour ? colour_of(span.tone) + span.text + "\x1b[0m" : span.text;
  }
  return text;
}

void Screen::print_locked(const Line& line) {
  std::fprintf(out_, "%s%s\n%s", live_.empty() ? "" : wipe, paint(line).c_str(), live_.c_str());
  std::fflush(out_);
}

}  // namespace meridian::demo
