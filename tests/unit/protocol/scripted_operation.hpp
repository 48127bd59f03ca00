// An operation that records its outcome, and a pipeline driven like a connection would drive it.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/pipeline.hpp"

namespace meridian::protocol {

class ScriptedOperation final : public Operation {
 public:
  explicit ScriptedOperation(std::string bytes, TimePoint deadline = TimePoint::max(), bool is_read = true)
      : bytes_(std::move(bytes)), deadline_(deadline), is_read_(is_read) {}
  // One that calls forth several replies.
  ScriptedOperation(std::string bytes, std::uint32_t due, Answers answers, TimePoint deadline = TimePoint::max())
      : Operation(Waiting::on_loop, due, answers), bytes_(std::move(bytes)), deadline_(deadline), is_read_(false) {}

  [[nodiscard]] std::string_view bytes() const noexcept override { return bytes_; }
  [[nodiscard]] bool is_read() const noexcept override { return is_read_; }
  [[nodiscard]] TimePoint deadline() const noexcept override { return deadline_; }
  [[nodiscard]] bool waits_on(TimePoint) noexcept override {
    if (!next_deadline) return false;
    deadline_ = *std::exchange(next_deadline, std::nullopt);
    return true;
  }

  void on_reply(const ReplyView& reply) noexcept override {
    replies.emplace_back(reply.wire());
    if (then) then();
  }
  void on_failure(const Failure& failure) noexcept override {
    failures.push_back(failure);
    if (then) then();
  }

  [[nodiscard]] std::size_t outcomes() const { return replies.size() + failures.size(); }

  std::optional<TimePoint> next_deadline;  // if its time comes while it is queued
  std::vector<std::string> replies;
  std::vector<Failure> failures;
  std::function<void()> then;  // runs inside the callback

 private:
  std::string bytes_;
  TimePoint deadline_;
  bool is_read_;
};

// Gives the peer's bytes to the pipeline, `chunk` at a time.
inline bool feed(Pipeline& pipeline, std::string_view bytes, TimePoint now = {}, std::size_t chunk = SIZE_MAX) {
  while (!bytes.empty()) {
    const auto space = pipeline.input_space();
    const std::size_t size = std::min({bytes.size(), space.size(), chunk});
    std::copy_n(bytes.begin(), size, space.begin());
    bytes.remove_prefix(size);
    if (!pipeline.received(size, now)) return false;
  }
  return true;
}

// Writes until nothing is left; what the socket got.
inline std::string write_all(Pipeline& pipeline, TimePoint now = {}) {
  std::string written;
  while (true) {
    const std::string_view bytes = pipeline.output(now);
    if (bytes.empty()) return written;
    written += bytes;
    pipeline.accepted(bytes.size(), now);
  }
}

// Writes `count` bytes of what is offered.
inline void write_some(Pipeline& pipeline, std::size_t count, TimePoint now = {}) {
  while (count > 0) {
    const std::size_t part = std::min(count, pipeline.output(now).size());
    pipeline.accepted(part, now);
    count -= part;
  }
}

}  // namespace meridian::protocol
