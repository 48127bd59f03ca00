// What is wrong with a file: the first complaint, by line.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "components/config/document.hpp"

namespace meridian::config {

class Reading {
 public:
  explicit Reading(std::string_view name) : name_(name) {}

  // "meridian.toml:12: weight is "heavy": must be a number".
  void refuse(const Node& node, std::string_view rule) {
    const std::string is = node.shown.empty() ? "" : " is " + node.shown + ":";
    complain(node.line, node.path + is + " must be " + std::string(rule));
  }

  void complain(std::size_t line, const std::string& message) {
    if (error_ && line_ <= line) return;
    line_ = line;
    error_.emplace(ErrorCode::invalid_argument, Delivery::not_sent, place(name_, line) + message);
  }

  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
  std::size_t line_ = 0;
  std::optional<Error> error_;
};

}  // namespace meridian::config
