// `FailoverGroup` on the real world.
#include <meridian/failover_group.hpp>

#include <string>
#include <system_error>
#include <utility>

#include "client/group_engine.hpp"
#include "facade/owned_engine.hpp"

namespace meridian::detail {
namespace {

Result<std::shared_ptr<client::GroupEngine>> make_group(const GroupSpec& spec) {
  auto members = client::resolve(spec);
  if (!members) return Unexpected(std::move(members).error());
  try {
    return facade::OwnedEngine<client::GroupEngine>::make(spec.rules.runtime, spec, *members);
  } catch (const std::system_error& error) {
    return fail(ErrorCode::local_resource, Delivery::not_sent, std::string("starting the group: ") + error.what());
  }
}

}  // namespace

Result<std::shared_ptr<GroupEngine>> open_group(GroupSpec spec) {
  auto made = make_group(spec);
  if (!made) return Unexpected(std::move(made).error());
  client::GroupEngine& engine = **made;
  if (engine.world().loop.on_io_thread()) {
    return fail(ErrorCode::would_deadlock, Delivery::not_sent,
                "starting a group inside a callback on the library's I/O thread would wait for itself");
  }
  const std::shared_ptr<io::Parker> parker = engine.world().parking.make_parker();
  std::optional<Error> refusal;
  engine.open([&refusal, parker](std::optional<Error> error) {
    refusal = std::move(error);
    parker->unpark();
  });
  parker->park();
  if (refusal) return Unexpected(std::move(*refusal));
  return std::shared_ptr<GroupEngine>(std::move(*made));
}

}  // namespace meridian::detail
