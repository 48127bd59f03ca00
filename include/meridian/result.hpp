/// \file
/// `Result<T>`: a value or an `Error`. It is `std::expected` where the library was built with it, else
/// `tl::expected`, which has the same members. The build decides once (MERIDIAN_STD_EXPECTED, a public compile
/// definition of the CMake target), so that a program and the library always agree.
#pragma once

#include <utility>

#include <meridian/error.hpp>

#if MERIDIAN_STD_EXPECTED
#include <expected>
#else
#include <tl/expected.hpp>
#endif

namespace meridian {

#if MERIDIAN_STD_EXPECTED
template <class T>
using Result = std::expected<T, Error>;
using Unexpected = std::unexpected<Error>;
#else
template <class T>
using Result = tl::expected<T, Error>;
using Unexpected = tl::unexpected<Error>;
#endif

/// `return fail(ErrorCode::invalid_argument, Delivery::not_sent, "weight …");`
[[nodiscard]] inline Unexpected fail(ErrorCode code, Delivery delivery, std::string message) {
  return Unexpected(Error(code, delivery, std::move(message)));
}

/// The value, or throws the error: the bridge from `Result` to the throwing forms.
template <class T>
T value_or_throw(Result<T>&& result) {
  if (!result) throw result.error();
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace meridian
