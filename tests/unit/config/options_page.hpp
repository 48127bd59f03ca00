// docs/options.md: written from the descriptors that the reader of files works from.
#pragma once

#include <string>

namespace meridian::config {

[[nodiscard]] std::string path_of_page();
[[nodiscard]] std::string options_page();

}  // namespace meridian::config
