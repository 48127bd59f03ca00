// MAN-2 by a file: what a changed file asks of a running client, and what is left alone.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <meridian/config_file.hpp>

#include "components/config/changes.hpp"

namespace meridian {
namespace {

using namespace std::chrono_literals;

const std::string east = "[[database]]\nname = \"east\"\nuri = \"redis://east\"\n";
const std::string west = "[[database]]\nname = \"west\"\nuri = \"redis://west\"\n";
const std::string south = "[[database]]\nname = \"south\"\nuri = \"redis://south\"\n";

// What a watch tells, awaited.
class Tellings {
 public:
  ConfigFile::Told listener() {
    return [this](const Result<ConfigChanges>& changes) {
      const std::lock_guard lock(mutex_);
      told_.push_back(changes ? changes->text() : changes.error().message());
      changed_.notify_all();
    };
  }

  std::string next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 30s, [&] { return !told_.empty(); })) return "(nothing)";
    std::string text = told_.front();
    told_.erase(told_.begin());
    return text;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> told_;
};

// A file, and what is asked of a client that follows it.
class FollowedFile : public ::testing::Test {
 protected:
  FollowedFile()
      : path_((std::filesystem::temp_directory_path() / ("meridian-config-" + std::to_string(::getpid()))).string()),
        file_(path_) {
    write(east + west);
    EXPECT_TRUE(file_.load());
    file_.follow([this](const op::Operation& operation) -> Result<void> {
      if (refuses_) return fail(ErrorCode::temporarily_unavailable, Delivery::not_sent, "no other is usable");
      asked_.push_back(config::describe(operation));
      return {};
    });
  }
  ~FollowedFile() override { std::filesystem::remove(path_); }

  // As editors and Kubernetes do it: another file takes the name.
  void write(const std::string& text) const {
    std::ofstream(path_ + ".new") << text;
    std::filesystem::rename(path_ + ".new", path_);
  }

  std::string reload_after(const std::string& text) {
    asked_.clear();
    write(text);
    const Result<ConfigChanges> changes = file_.reload();
    return changes ? changes->text() : changes.error().message();
  }

  const std::string path_;
  std::vector<std::string> asked_;
  std::atomic<bool> refuses_ = false;
  Tellings tellings_;
  ConfigFile file_;  // last: its watch uses the others
};

using Asked = std::vector<std::string>;

TEST_F(FollowedFile, MAN_2_that_is_the_same_asks_nothing) {
  EXPECT_EQ(reload_after("# a remark\n" + east + west), "nothing changed");
  EXPECT_EQ(asked_, Asked());
}

TEST_F(FollowedFile, MAN_2_adds_before_it_removes) {
  EXPECT_EQ(reload_after("drain = \"1s\"\n" + east + "weight = 3\n" + south),
            "timings and rules changed; added south; new weight of east; removed west");
  EXPECT_EQ(asked_, Asked({"changing timings and rules", "adding database 'south'",
                           "setting the weight of database 'east'", "removing database 'west'"}));
  EXPECT_EQ(reload_after("drain = \"1s\"\n" + east + "weight = 3\n" + south), "nothing changed");
}

TEST_F(FollowedFile, INIT_4_that_is_wrong_changes_nothing) {
  EXPECT_EQ(reload_after("drain = \"-1s\"\n" + east + south), path_ + ":1: drain is -1s: must be 0 or greater");
  EXPECT_EQ(reload_after(east + "[[database]\n").substr(0, path_.size() + 3), path_ + ":4:");
  EXPECT_EQ(asked_, Asked());
  std::filesystem::remove(path_);
  EXPECT_EQ(file_.reload().error().message(), path_ + " does not exist");
}

TEST_F(FollowedFile, a_database_with_another_address_needs_another_name) {
  const std::string moved = "[[database]]\nname = \"west\"\nuri = \"redis://west:7000\"\n";
  EXPECT_EQ(reload_after(east + moved + south),
            path_ +
                ": database 'west' has another address than before: must be given another name, so that it is "
                "added and the old one removed");
  EXPECT_EQ(asked_, Asked()) << "not even the addition";
}

TEST_F(FollowedFile, what_no_operation_changes_is_told_until_the_next_start) {
  const std::string text =
      "health_checks = [\"echo\"]\n" + east + "grace_period = \"1s\"\n" + west + "user = \"ann\"\n";
  const std::string told = "at the next start: health_checks, database 'east': grace_period, database 'west': user";
  EXPECT_EQ(reload_after(text), told);
  EXPECT_EQ(reload_after(text), told);
  EXPECT_EQ(asked_, Asked());
}

TEST_F(FollowedFile, MAN_2_goes_on_where_the_client_refused_a_step) {
  refuses_ = true;
  EXPECT_EQ(reload_after(east), path_ + ": removing database 'west': no other is usable");
  refuses_ = false;
  EXPECT_EQ(reload_after(east), "removed west");
}

TEST_F(FollowedFile, needs_a_load_and_a_client) {
  ConfigFile file(path_);
  EXPECT_NE(file.reload().error().message().find("load and follow must have been called"), std::string::npos);
}

TEST(CompletedFile, keeps_what_only_a_program_can_give) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("meridian-completed-" + std::to_string(::getpid()))).string();
  std::ofstream(path) << east;
  const auto strategy = failover_strategy([](auto) { return std::nullopt; });
  ConfigFile file(path, [&](MultiDbConfig& config) { config.failover_strategy = strategy; });
  EXPECT_EQ(file.load()->failover_strategy, strategy);
  std::optional<op::Reconfigure> asked;
  file.follow([&](const op::Operation& operation) -> Result<void> {
    asked = std::get<op::Reconfigure>(operation);
    return {};
  });
  std::ofstream(path) << "drain = \"9s\"\n" << east;
  EXPECT_TRUE(file.reload());
  EXPECT_EQ(asked.value().config.failover_strategy, strategy);
  EXPECT_EQ(asked->config.drain, 9s);
  std::filesystem::remove(path);
}

TEST_F(FollowedFile, MAN_2_is_watched_by_content) {
  write(east + west + south);  // after `load` and before `watch`: not lost
  file_.watch(1ms, tellings_.listener());
  EXPECT_EQ(tellings_.next(), "added south");
  const auto time = std::filesystem::last_write_time(path_);
  write(east + south);
  std::filesystem::last_write_time(path_, time);
  EXPECT_EQ(tellings_.next(), "removed west");
  write("weight = 5");
  EXPECT_EQ(tellings_.next().substr(0, path_.size() + 3), path_ + ":1:");
  std::filesystem::remove(path_);
  EXPECT_EQ(tellings_.next(), path_ + " does not exist");
  write(south);
  EXPECT_EQ(tellings_.next(), "removed east");
}

TEST_F(FollowedFile, MAN_2_a_watch_tries_again_what_was_refused_for_the_moment) {
  refuses_ = true;
  write(east);
  file_.watch(1ms, tellings_.listener());
  EXPECT_EQ(tellings_.next(), path_ + ": removing database 'west': no other is usable");
  refuses_ = false;
  EXPECT_EQ(tellings_.next(), "removed west");
}

TEST_F(FollowedFile, a_watch_needs_an_interval) { EXPECT_THROW(file_.watch(0s, {}), Error); }

}  // namespace
}  // namespace meridian
