// What exceptions of the program's code mean to a `FailoverGroup`.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>

#include <meridian/detail/group_engine.hpp>

namespace meridian::client {

using Classify = std::function<std::optional<ExceptionMeaning>(const std::exception_ptr&)>;

// By `classify`, or by `meaning_of_exception` if that has no opinion or throws itself.
[[nodiscard]] ExceptionMeaning meaning_of(const Classify& classify, const std::exception_ptr& thrown) noexcept;

// What it says, fit to print.
[[nodiscard]] std::string text_of(const std::exception_ptr& thrown);

}  // namespace meridian::client
