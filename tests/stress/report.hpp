// What a run says about itself: in one line, as JSON, as a page.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "stress/run.hpp"

namespace meridian::stress {

[[nodiscard]] std::string one_line(const Settings& settings, const Report& report, const Tally& tally);
[[nodiscard]] nlohmann::ordered_json to_json(const Settings& settings, const Report& report, const Tally& tally);
// False if the file cannot be written.
[[nodiscard]] bool write_docs(const std::string& path, const Settings& settings, const Report& report,
                              const Tally& tally);

}  // namespace meridian::stress
