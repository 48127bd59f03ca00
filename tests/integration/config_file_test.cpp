// MAN-2 by a file: clients on real servers follow it while they run.
#include <fstream>

#include <meridian/config_file.hpp>

#include "integration/multi_db_fixture.hpp"

namespace meridian::testing {
namespace {

std::string table(const std::string& name, const RedisServer& server, const std::string& weight) {
  return "[[database]]\nname = \"" + name + "\"\nuri = \"" + server.uri() + "\"\nweight = " + weight + "\n";
}

class ConfigFiles : public ::testing::Test {
 protected:
  ConfigFiles() { write("health_check_interval = \"50ms\"\n" + table("east", east_, "1")); }
  ~ConfigFiles() override { std::filesystem::remove(path_); }

  void write(const std::string& text) const { std::ofstream(path_) << text; }

  // East is joined by west, which is heavier; then east goes.
  template <class AnyClient>
  void moves_as_its_file_says(AnyClient& client, const std::function<std::string()>& active) {
    file_.follow(client);
    write("health_check_interval = \"50ms\"\n" + table("east", east_, "1") + table("west", west_, "2"));
    const Result<ConfigChanges> added = file_.reload();
    ASSERT_TRUE(added) << added.error().message();
    EXPECT_EQ(added->text(), "added west");

    ASSERT_EQ(active(), "east");
    write("auto_fallback_interval = \"20ms\"\n" + table("west", west_, "2"));
    // West has to pass its checks first.
    ASSERT_TRUE(until([&] { return file_.reload().has_value(); }));
    EXPECT_EQ(active(), "west");
    EXPECT_EQ(client.databases().size(), 1u);
  }

  const RedisServer east_;
  const RedisServer west_;
  const std::string path_ =
      (std::filesystem::temp_directory_path() / ("meridian-followed-" + std::to_string(::getpid()))).string();
  ConfigFile file_{path_};
};

TEST_F(ConfigFiles, MAN_2_a_client_adds_reweights_and_removes_what_its_file_says) {
  MultiDbClient client(value_or_throw(file_.load()));
  moves_as_its_file_says(client, [&] { return active_of(client); });
  client.set("key", "value");
  EXPECT_TRUE(exists_on(west_, "key"));
}

TEST_F(ConfigFiles, MAN_2_an_asynchronous_client_does_so_too) {
  AsyncMultiDbClient client(value_or_throw(file_.load()));
  moves_as_its_file_says(client, [&] { return client.describe().active; });
}

TEST_F(ConfigFiles, MAN_2_a_client_that_is_closed_says_so) {
  MultiDbClient client(value_or_throw(file_.load()));
  file_.follow(client);
  client.close();
  write(table("east", east_, "3"));
  const Result<ConfigChanges> changes = file_.reload();
  ASSERT_FALSE(changes);
  EXPECT_EQ(changes.error().code(), ErrorCode::closed);
}

TEST_F(ConfigFiles, MAN_2_the_client_may_be_gone) {
  {
    MultiDbClient client(value_or_throw(file_.load()));
    file_.follow(client);
  }
  write(table("east", east_, "3"));
  const Result<ConfigChanges> changes = file_.reload();
  ASSERT_FALSE(changes);
  EXPECT_EQ(changes.error().code(), ErrorCode::closed);
}

}  // namespace
}  // namespace meridian::testing
