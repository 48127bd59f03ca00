// `FailoverGroup` on the real world.
#include <meridian/failover_group.hpp>

#include <string>
#include <system_error>
#include <utility>

#include "client/group_engine.hpp"
#include "facade/opening.hpp"
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
  if (auto refusal = facade::open_and_wait(**made, "start it on a thread of its own")) {
    return Unexpected(std::move(*refusal));
  }
  return std::shared_ptr<GroupEngine>(std::move(*made));
}

}  // namespace meridian::detail
