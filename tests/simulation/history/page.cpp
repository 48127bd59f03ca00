#include "simulation/history/page.hpp"

#include <fstream>
#include <iterator>

namespace meridian::simulation {

bool replace_section(const std::string& path, std::string_view heading, std::string_view text) {
  std::string page;
  if (std::ifstream in(path); in) page.assign(std::istreambuf_iterator<char>(in), {});
  if (page.empty()) page = "# The simulator\n";
  const std::string begin = "\n## " + std::string(heading) + "\n";
  const std::string section = begin + "\n" + std::string(text);
  const std::size_t at = page.find(begin);
  if (at == std::string::npos) {
    page += section;
  } else {
    const std::size_t end = page.find("\n## ", at + begin.size());
    page.replace(at, end == std::string::npos ? std::string::npos : end - at, section);
  }
  std::ofstream out(path);
  out << page;
  return static_cast<bool>(out.flush());
}

}  // namespace meridian::simulation
