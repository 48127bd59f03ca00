// An errand's thread outlives whoever sent it, if its work takes that long.
#include "net/errands.hpp"

#include <system_error>
#include <utility>

#include "net/thread.hpp"

namespace meridian::net {

bool Errands::run(std::function<io::Task()> work) {
  // The I/O thread is kept for the way back, the loop is not.
  auto errand = [work = std::move(work), io = loop_.io_thread(),
                 back = loop_.in_turn([](const io::Task& result) { result(); })]() mutable {
    io::Task result = work();
    work = nullptr;
    post_to(io->context(), [back = std::move(back), result = std::move(result)]() mutable { back(result); });
  };
  try {
    start_thread("meridian-errand", std::move(errand)).detach();
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

}  // namespace meridian::net
