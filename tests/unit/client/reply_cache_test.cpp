// ReplyCache: what it keeps, what it forgets, and its bounds.
#include "client/reply_cache.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include <meridian/commands.hpp>

namespace meridian::client {
namespace {

using namespace std::chrono_literals;

class Cache : public ::testing::Test {
 protected:
  template <class T>
  void keep(const Command<T>& command, std::string_view reply) {
    ASSERT_TRUE(ReplyCache::is_cacheable(command.request.view()));
    cache_->keep(command.request.view(), ReplyView(reply), now_, ++number_);
  }
  template <class T>
  std::string found(const Command<T>& command) {
    const std::string* reply = cache_->find(command.request.view(), now_);
    return reply != nullptr ? *reply : "nothing";
  }
  void use(const CacheOptions& options) { cache_.emplace(options); }

  TimePoint now_{};
  std::uint64_t number_ = 0;
  std::optional<ReplyCache> cache_{CacheOptions()};
};

TEST_F(Cache, gives_a_reply_again_to_the_same_command_only) {
  keep(cmd::get("k"), "$1\r\nv\r\n");
  EXPECT_EQ(found(cmd::get("k")), "$1\r\nv\r\n");
  EXPECT_EQ(found(cmd::strlen("k")), "nothing");
  EXPECT_EQ(found(cmd::get("l")), "nothing");
  EXPECT_EQ(cache_->statistics().hits, 1U);
  EXPECT_EQ(cache_->statistics().misses, 2U);
}

TEST_F(Cache, an_invalidation_drops_all_replies_that_name_the_key) {
  keep(cmd::get("k"), "$1\r\nv\r\n");
  keep(cmd::mget({"a", "k"}), "*2\r\n_\r\n$1\r\nv\r\n");
  keep(cmd::get("a"), "_\r\n");
  cache_->on_push(ReplyView(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n"));
  EXPECT_EQ(found(cmd::get("k")), "nothing");
  EXPECT_EQ(found(cmd::mget({"a", "k"})), "nothing");
  EXPECT_EQ(found(cmd::get("a")), "_\r\n");
}

TEST_F(Cache, an_invalidation_without_keys_drops_everything) {
  keep(cmd::get("k"), "$1\r\nv\r\n");
  cache_->on_push(ReplyView(">2\r\n$10\r\ninvalidate\r\n_\r\n"));
  EXPECT_EQ(found(cmd::get("k")), "nothing");
  EXPECT_EQ(cache_->statistics().entries, 0U);
  EXPECT_EQ(cache_->statistics().bytes, 0U);
}

TEST_F(Cache, other_pushes_change_nothing) {
  keep(cmd::get("k"), "$1\r\nv\r\n");
  cache_->on_push(ReplyView(">3\r\n$7\r\nmessage\r\n$1\r\nk\r\n$1\r\nk\r\n"));
  cache_->on_push(ReplyView(">0\r\n"));
  EXPECT_EQ(found(cmd::get("k")), "$1\r\nv\r\n");
}

TEST_F(Cache, a_write_of_our_own_drops_what_it_touches) {
  keep(cmd::get("k"), "$1\r\nv\r\n");
  keep(cmd::get("l"), "$1\r\nv\r\n");
  cache_->on_write(cmd::get("l").request.view(), 0);
  cache_->on_write(cmd::set("k", "w").request.view(), number_);
  EXPECT_EQ(found(cmd::get("k")), "nothing");
  EXPECT_EQ(found(cmd::get("l")), "$1\r\nv\r\n");
  cache_->on_write(cmd::flushall().request.view(), number_);
  EXPECT_EQ(found(cmd::get("l")), "nothing");
}

TEST_F(Cache, does_not_keep_what_was_asked_for_before_a_write_of_our_own_was_over) {
  const Request get = cmd::get("k").request;
  cache_->on_write(cmd::set("k", "w").request.view(), 7);
  cache_->keep(get.view(), ReplyView("$1\r\nv\r\n"), now_, 7);
  EXPECT_EQ(found(cmd::get("k")), "nothing");
  cache_->keep(get.view(), ReplyView("$1\r\nw\r\n"), now_, 8);
  EXPECT_EQ(found(cmd::get("k")), "$1\r\nw\r\n");
}

// A reply that a database which was left still owes belongs to that database.
TEST_F(Cache, does_not_keep_what_was_on_its_way_at_a_flush) {
  cache_->flush(7);
  cache_->keep(cmd::get("k").request.view(), ReplyView("$1\r\nv\r\n"), now_, 7);
  EXPECT_EQ(found(cmd::get("k")), "nothing");
}

TEST_F(Cache, a_key_twice_in_one_command_is_forgotten_once) {
  keep(cmd::mget({"k", "k"}), "*2\r\n_\r\n_\r\n");
  cache_->on_write(cmd::set("k", "w").request.view(), number_);
  EXPECT_EQ(cache_->statistics().entries, 0U);
  EXPECT_EQ(cache_->statistics().bytes, 0U);
}

TEST_F(Cache, drops_what_was_not_used_for_longest_when_it_is_full) {
  use({.max_entries = 2});
  keep(cmd::get("a"), "_\r\n");
  keep(cmd::get("b"), "_\r\n");
  EXPECT_EQ(found(cmd::get("a")), "_\r\n");
  keep(cmd::get("c"), "_\r\n");
  EXPECT_EQ(found(cmd::get("b")), "nothing");
  EXPECT_EQ(found(cmd::get("a")), "_\r\n");
}

TEST_F(Cache, keeps_its_bound_of_bytes_and_nothing_that_is_larger) {
  use({.max_bytes = 1000});
  const std::string large = "$900\r\n" + std::string(900, 'x') + "\r\n";
  keep(cmd::get("large"), large);
  EXPECT_EQ(found(cmd::get("large")), "nothing");
  for (char key = 'a'; key <= 'z'; ++key) keep(cmd::get(std::string_view(&key, 1)), "_\r\n");
  EXPECT_LE(cache_->statistics().bytes, 1000U);
  EXPECT_GE(cache_->statistics().entries, 1U);
}

TEST_F(Cache, an_old_reply_is_none) {
  use({.max_age = 1s});
  keep(cmd::get("k"), "$1\r\nv\r\n");
  now_ += 999ms;
  EXPECT_EQ(found(cmd::get("k")), "$1\r\nv\r\n");
  now_ += 1ms;
  EXPECT_EQ(found(cmd::get("k")), "nothing");
}

TEST_F(Cache, does_not_keep_what_does_not_depend_on_its_keys_alone) {
  EXPECT_FALSE(ReplyCache::is_cacheable(cmd::ttl("k").request.view()));
  EXPECT_FALSE(ReplyCache::is_cacheable(cmd::srandmember("k").request.view()));
  EXPECT_FALSE(ReplyCache::is_cacheable(cmd::sscan("k", 0).request.view()));
  EXPECT_FALSE(ReplyCache::is_cacheable(cmd::set("k", "v").request.view()));
  EXPECT_FALSE(ReplyCache::is_cacheable(cmd::dbsize().request.view()));
}

}  // namespace
}  // namespace meridian::client
