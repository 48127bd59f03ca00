// What examples of all families share.
#include "conformance/examples.hpp"

namespace meridian::conformance {

Answer TypedExample<void>::judge(const Result<Reply>& reply) const {
  Answer answer;
  const Result<void> result = reply ? command_.decode(reply->view()) : Unexpected(reply.error());
  if (result) answer.is_expected = true;
  else answer.error = result.error().what();
  return answer;
}

}  // namespace meridian::conformance
