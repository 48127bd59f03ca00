// Errands on short-lived threads of their own.
#pragma once

#include "io/errands.hpp"
#include "net/loop.hpp"

namespace meridian::net {

class Errands final : public io::Errands {
 public:
  explicit Errands(Loop& loop) : loop_(loop) {}
  [[nodiscard]] bool run(std::function<io::Task()> work) override;

 private:
  Loop& loop_;
};

}  // namespace meridian::net
