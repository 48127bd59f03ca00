// The commands on HyperLogLogs.
#include "conformance/examples.hpp"

namespace meridian::conformance {

void add_hyperloglog_examples(Examples& examples) {
  examples.add(
      {"PFADD h a b c"},
      [](auto& c) {
        return c.pfadd("h", {"a", "b", "c"});
      },
      true);
  examples.add(
      {"PFADD h b", {"PFADD h a b c"}}, [](auto& c) { return c.pfadd("h", "b"); }, false);
  examples.add(
      {"PFADD h"}, [](auto& c) { return c.pfadd("h", {}); }, true);
  examples.add(
      {"PFCOUNT h", {"PFADD h a b c"}}, [](auto& c) { return c.pfcount("h"); }, 3);
  examples.add(
      {"PFCOUNT h g", {"PFADD h a b c", "PFADD g c d"}},
      [](auto& c) {
        return c.pfcount({"h", "g"});
      },
      4);
  examples.add(
      {"PFMERGE d h g", {"PFADD h a b c", "PFADD g c d"}},
      [](auto& c) {
        return c.pfmerge("d", {"h", "g"});
      },
      ok);
}

}  // namespace meridian::conformance
