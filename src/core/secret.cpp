// Secrets leave no copy behind: every buffer that held one is overwritten before it is given up.
#include <meridian/secret.hpp>

#include <cstring>
#include <utility>

namespace meridian {

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) {
  // A short text lives inside the string object, and moving copies it.
  other.wipe();
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();  // first: assigning may free the old buffer as it is
    text_ = other.text_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    text_ = std::move(other.text_);
    other.wipe();
  }
  return *this;
}

Secret::~Secret() { wipe(); }

void Secret::wipe() noexcept {
  // Up to the capacity: the tail may hold bytes of an earlier, longer text. This never allocates.
  text_.resize(text_.capacity());
  explicit_bzero(text_.data(), text_.size());  // unlike memset it is never optimised away
  text_.clear();
}

}  // namespace meridian
