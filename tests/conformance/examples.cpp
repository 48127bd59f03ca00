// What examples of all families share.
#include "conformance/examples.hpp"

namespace meridian::conformance {
namespace {

Answer judge(const Result<void>& result) {
  Answer answer;
  if (result) answer.is_expected = true;
  else answer.error = result.error().what();
  return answer;
}

}  // namespace

Answer TypedExample<void>::run(SyncClient& client) const { return judge(client.execute(command_)); }

Answer TypedExample<void>::run(CoroutineClient& client) const {
  Answer answer;
  testing::start([&]() -> testing::Task { answer = judge(co_await client.execute(command_)); }).get();
  return answer;
}

}  // namespace meridian::conformance
