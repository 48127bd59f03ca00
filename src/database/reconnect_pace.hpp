// How fast connections follow each other: at once after one that worked (faults.md, row 12), with a growing wait while
// they cannot be made or end as soon as they are there (row 13), and slower if credentials are refused (row 25). Pure.
#pragma once

#include "database/link.hpp"
#include "io/random.hpp"

namespace meridian::database {

class ReconnectPace {
 public:
  // One has ended: how long to wait before the next.
  [[nodiscard]] Duration wait_after(const LinkEnd& end, const Backoff& reconnect, io::Random& random) noexcept;

  // They work, or a new life begins.
  void reset() noexcept { *this = {}; }

  [[nodiscard]] bool has_failed() const noexcept { return failures_ > 0; }
  [[nodiscard]] bool was_refused() const noexcept { return refusals_ > 0; }

 private:
  int failures_ = 0;  // in a row; connections that ended at once count
  int refusals_ = 0;  // of credentials, in a row
};

}  // namespace meridian::database
