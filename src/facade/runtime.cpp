// The public runtime over the I/O threads of src/net.
#include <meridian/runtime.hpp>

#include <string>
#include <system_error>

#include <meridian/error.hpp>

#include "net/io_pool.hpp"

namespace meridian {
namespace {

constexpr int most_threads = 1024;

std::unique_ptr<detail::IoPool> make_pool(int threads) {
  if (threads < 0 || threads > most_threads) {
    throw Error(
        ErrorCode::invalid_argument, Delivery::not_sent,
        "threads is " + std::to_string(threads) + ": must be 0 (own_thread) to " + std::to_string(most_threads));
  }
  try {
    return std::make_unique<detail::IoPool>(threads);
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::local_resource, Delivery::not_sent,
                std::string("starting the I/O threads: ") + error.what());
  }
}

}  // namespace

Runtime::Runtime(int threads) : pool_(make_pool(threads)) {}

Runtime::~Runtime() = default;

void Runtime::run() {
  if (pool_->has_own_threads()) {
    throw Error(ErrorCode::invalid_argument, Delivery::not_sent,
                "Runtime::run: this runtime has threads of its own; make one with Runtime::own_thread");
  }
  pool_->run();
}

void Runtime::stop() {
  if (!pool_->has_own_threads()) pool_->stop();
}

}  // namespace meridian
