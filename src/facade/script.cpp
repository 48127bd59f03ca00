// `Script`: the hash comes from OpenSSL, which nobody else may know.
#include <meridian/script.hpp>

#include <utility>

#include "net/sha1.hpp"

namespace meridian {

Script::Script(std::string source, Effect effect)
    : source_(std::make_shared<const std::string>(std::move(source))), effect_(effect) {
  std::optional<std::string> sha1 = net::sha1_of(*source_);
  if (!sha1) throw Error(ErrorCode::local_resource, Delivery::not_sent, "Script: OpenSSL offers no SHA-1 here");
  sha1_ = std::move(*sha1);
}

Request Script::request(const StringArgs& keys, const StringArgs& arguments) const {
  const bool reads = effect_ == Effect::reads;
  const CommandTraits traits = reads ? detail::read_only : CommandTraits{Repeat::accumulate, true};
  Request request(reads ? "EVALSHA_RO" : "EVALSHA", traits, sha1_, detail::CountedKeys{keys}, arguments);
  request.script_owner = source_;
  request.script = source_.get();
  return request;
}

}  // namespace meridian
