#include "bench/compile_time.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "bench/child.hpp"

namespace meridian::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds compile_limit(120);

// Gone with everything in it.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "meridian-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  // Writes a file and says where it is.
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

// Without ccache, which would answer from memory.
std::vector<std::string> compiler(std::vector<std::string> more) {
  std::vector<std::string> words = {BENCH_COMPILER, "-std=c++20", "-O0",
                                    std::string("-I") + BENCH_SOURCE_DIR + "/include",
                                    "-DMERIDIAN_STD_EXPECTED=" + std::to_string(BENCH_STD_EXPECTED)};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

ChildResult compile(const std::vector<std::string>& more) {
  ChildResult result = run_child(compiler(more), compile_limit);
  if (result.exit_code != 0) throw std::runtime_error("the compiler failed");
  return result;
}

// Every standard header that is named in a public header which `source` reaches.
std::vector<std::string> standard_headers(const std::string& source) {
  static const std::regex include(R"(^\s*#\s*include\s*<([a-z0-9_]+)>)");
  std::set<std::string> found;
  std::istringstream dependencies(compile({"-M", source}).output);
  for (std::string file; dependencies >> file;) {
    if (file.find("/include/meridian/") == std::string::npos) continue;
    std::ifstream header(file);
    for (std::string line; std::getline(header, line);) {
      std::smatch match;
      if (std::regex_search(line, match, include)) found.insert(match[1]);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace

CompileTime measure_compile_time(int pairs) {
  const Folder folder;
  const std::string meridian = folder.write("meridian.cpp", "#include <meridian/meridian.hpp>\nint main() {}\n");
  CompileTime result;
  result.standard_headers = standard_headers(meridian);
  std::string includes;
  for (const std::string& header : result.standard_headers) includes += "#include <" + header + ">\n";
  const std::string standard = folder.write("standard.cpp", includes + "int main() {}\n");

  const auto seconds = [&](const std::string& source) {
    return compile({"-c", source, "-o", folder.file("out.o")}).cpu_seconds;
  };
  // Once for the page cache.
  (void)seconds(meridian);
  (void)seconds(standard);
  std::vector<double> with;
  std::vector<double> without;
  std::vector<double> ratios;
  for (int pair = 0; pair < pairs; ++pair) {
    with.push_back(seconds(meridian));
    without.push_back(seconds(standard));
    ratios.push_back(with.back() / without.back());
  }
  result.meridian_seconds = spread_of(with);
  result.standard_seconds = spread_of(without);
  result.ratio = spread_of(ratios);
  return result;
}

}  // namespace meridian::bench
