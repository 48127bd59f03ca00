// Running a decoder on RESP bytes, for the tests of the families.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include <meridian/command.hpp>

namespace meridian::testing {

// What `decoder` makes of `wire`; a failure if that is an error.
template <class T>
T decoded(Decoder<T> decoder, std::string_view wire) {
  Result<T> value = decoder(ReplyView(wire));
  if (value) return std::move(*value);
  ADD_FAILURE() << value.error().what();
  return T{};
}

// True if `decoder` refuses `wire` as a reply of the wrong shape.
template <class T>
bool is_refused(Decoder<T> decoder, std::string_view wire) {
  const Result<T> value = decoder(ReplyView(wire));
  return !value && value.error().code() == ErrorCode::unexpected_reply &&
         value.error().delivery() == Delivery::answered;
}

}  // namespace meridian::testing
