// A client made from a file, which it follows while it runs.
//   config_file redis://localhost:6379 redis://localhost:6380
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <meridian/config_file.hpp>
#include <meridian/meridian.hpp>

namespace {

// What an operator would do with an editor.
void write(const std::string& path, const std::string& east_weight, char** uris) {
  std::ofstream file(path);
  file << "profile = \"fast\"\n"
          "command_deadline = \"3s\"\n"
          "\n[[database]]\n"
          "name = \"east\"\n"
          "uri = \""
       << uris[1] << "\"\nweight = " << east_weight
       << "\n"
          "\n[[database]]\n"
          "name = \"west\"\n"
          "uri = \""
       << uris[2] << "\"\nweight = 2\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: config_file EAST-URI WEST-URI\n";
    return 2;
  }
  const std::string path = (std::filesystem::temp_directory_path() / "meridian_example.toml").string();
  int status = 0;
  try {
    write(path, "3", argv);
    meridian::ConfigFile file(path);
    const meridian::Result<meridian::MultiDbConfig> config = file.load();
    if (!config) throw config.error();
    meridian::MultiDbClient client(*config);
    file.follow(client);
    std::cout << meridian::to_text(client.describe());

    // A program that runs for longer has the file watched: file.watch(5s, …).
    write(path, "1", argv);
    const meridian::Result<meridian::ConfigChanges> changes = file.reload();
    if (!changes) throw changes.error();
    std::cout << changes->text() << '\n';

    // A mistake changes nothing, and says what it is.
    write(path, "\"heavy\"", argv);
    std::cout << file.reload().error().message() << '\n';
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
    status = 1;
  }
  std::filesystem::remove(path);
  return status;
}
