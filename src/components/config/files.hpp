// Small files, read whole.
#pragma once

#include <cstddef>
#include <string>

#include <meridian/result.hpp>

namespace meridian::config {

// The text of a regular file of at most `most` bytes. The error says why not, without the path: "is no regular file".
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t most);

// Of at most 1 MiB. The error is complete.
[[nodiscard]] Result<std::string> read_config_file(const std::string& path);

}  // namespace meridian::config
