// A thread that makes one call after another, in every way that blocks.
#pragma once

#include <memory>

#include "stress/caller.hpp"
#include "stress/calls.hpp"

namespace meridian::stress {

class ThreadCaller {
 public:
  ThreadCaller(std::uint64_t id, Site& site, Common& common, std::uint64_t seed)
      : caller(id, site.spec().knowledge, common.tally),
        call(common, site, id),
        site_(site),
        common_(common),
        dice_(seed) {}

  // Until the run has made its operations.
  void run();

  Caller caller;
  Call call;
  Site& site() const noexcept { return site_; }

 private:
  void make_call(AnyClient& any);
  template <class Front>
  void make_call_on(Front& client);
  template <class Front>
  void one(Front& client);
  template <class Front>
  void one_that_throws(Front& client);
  template <class Front>
  void three(Front& client);
  template <class Front>
  void pipeline(Front& client);
  template <class Front>
  void transaction(Front& client);
  template <class Front>
  void watched_transaction(Front& client);
  template <class Front>
  void wait_in_vain(Front& client);
  template <class Together>
  void run_together(Together together, const std::vector<Operation>& operations);
  template <class Front>
  void futures(Front& client);
  [[nodiscard]] std::vector<Operation> issue_pipeline();

  Site& site_;
  Common& common_;
  Dice dice_;
};

}  // namespace meridian::stress
