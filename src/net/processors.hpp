// What the machine has for this process.
#pragma once

namespace meridian::net {

// The processors that the calling thread may run on, at least 1: `taskset` and a container's set of CPUs count, which
// std::thread::hardware_concurrency does not promise.
[[nodiscard]] unsigned processor_count() noexcept;

}  // namespace meridian::net
