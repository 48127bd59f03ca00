// Certificate files: who waits for them, and when changed ones are loaded again.
#include "net/tls_context.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "integration/support/certificates.hpp"

namespace meridian::net {
namespace {

using testing::Authority;
using testing::Identity;
using testing::TemporaryFolder;

// Errands that run when the test says so.
class ManualErrands final : public io::Errands {
 public:
  [[nodiscard]] bool run(std::function<io::Task()> work) override {
    if (has_threads) under_way.push_back(std::move(work));
    return has_threads;
  }
  void finish() {
    for (const auto& work : std::exchange(under_way, {})) work()();
  }

  bool has_threads = true;
  std::vector<std::function<io::Task()>> under_way;
};

// A timer whose time comes when the test says so.
class ManualTime final : public io::Executor {
 public:
  void post(io::Task) override {}
  [[nodiscard]] bool inside() const noexcept override { return true; }
  [[nodiscard]] std::unique_ptr<io::Timer> make_timer() override { return std::make_unique<One>(armed); }
  void pass() { std::exchange(armed, nullptr)(); }
  io::Task armed;

 private:
  class One final : public io::Timer {
   public:
    explicit One(io::Task& armed) : armed_(armed) {}
    void arm(TimePoint, io::Task task) override { armed_ = std::move(task); }
    void cancel() noexcept override { armed_ = nullptr; }

   private:
    io::Task& armed_;
  };
};

class TlsReload : public ::testing::Test {
 protected:
  TlsReload() {
    tls.enabled = true;
    tls.ca_file = folder.write("ca.pem", Authority("First CA").pem());
  }

  void make() { context = std::make_shared<TlsContext>(time, errands, tls); }

  // What the next connection is made with, once the files were looked at. The test keeps it, so that no other can be
  // at the same place in memory.
  SSL_CTX* next() {
    SSL_CTX* given = nullptr;
    int calls = 0;
    context->get([&](SSL_CTX* current) {
      ++calls;
      given = current;
    });
    errands.finish();
    EXPECT_EQ(calls, 1);
    if (given != nullptr) {
      SSL_CTX_up_ref(given);
      kept.emplace_back(given);
    }
    return given;
  }

  // How many certificates the context trusts.
  static int trusted(SSL_CTX* context) {
    return context == nullptr ? -1 : sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(context)));
  }

  void add_second_authority() const {
    folder.write("ca.pem", Authority("First CA").pem() + Authority("Second CA").pem());
  }

  TemporaryFolder folder;
  TlsOptions tls;
  ManualTime time;
  ManualErrands errands;
  std::shared_ptr<TlsContext> context;
  std::vector<SslContext> kept;
};

TEST_F(TlsReload, TlsContext_is_loaded_once_while_nothing_changes) {
  make();
  SSL_CTX* const first = next();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(next(), first);
  EXPECT_EQ(next(), first);
}

TEST_F(TlsReload, TlsContext_without_files_is_loaded_once_and_looks_at_nothing) {
  tls.ca_file.clear();
  tls.ca_pem = Authority().pem();
  make();
  SSL_CTX* const first = next();
  ASSERT_NE(first, nullptr);
  errands.has_threads = false;
  EXPECT_EQ(next(), first);
}

TEST_F(TlsReload, TlsContext_loads_a_changed_file_for_the_next_connection) {
  make();
  EXPECT_EQ(trusted(next()), 1);
  add_second_authority();
  EXPECT_EQ(trusted(next()), 2);
}

TEST_F(TlsReload, TlsContext_keeps_what_it_has_while_a_new_file_is_broken) {
  make();
  SSL_CTX* const first = next();
  folder.write("ca.pem", "half a certif");
  EXPECT_EQ(next(), first);
  std::filesystem::remove(tls.ca_file);
  EXPECT_EQ(next(), first);
  EXPECT_NE(context->error(), "");
  add_second_authority();
  EXPECT_EQ(trusted(next()), 2);
}

TEST_F(TlsReload, TlsContext_keeps_what_it_has_between_the_two_steps_of_a_renewal) {
  const Authority authority;
  const Identity before = authority.issue({.common_name = "client"});
  const Identity after = authority.issue({.common_name = "client"});
  tls.certificate_file = folder.write("client.pem", before.certificate);
  tls.key_file = folder.write("client.key", before.key);
  make();
  SSL_CTX* const first = next();
  folder.write("client.pem", after.certificate);
  EXPECT_EQ(next(), first);
  X509* const shown = SSL_CTX_get0_certificate(first);
  EXPECT_NE(shown, nullptr);
  folder.write("client.key", after.key);
  EXPECT_NE(SSL_CTX_get0_certificate(next()), shown);
}

TEST_F(TlsReload, TlsContext_sees_a_file_that_was_added_to_its_folder) {
  tls.ca_file.clear();
  tls.ca_folder = folder.path();
  make();
  EXPECT_EQ(trusted(next()), 1);
  folder.write("second.pem", Authority("Second CA").pem());
  EXPECT_EQ(trusted(next()), 2);
}

TEST_F(TlsReload, TlsContext_that_could_never_be_loaded_says_why_and_is_tried_again) {
  std::filesystem::remove(tls.ca_file);
  make();
  EXPECT_EQ(next(), nullptr);
  EXPECT_NE(context->error().find("No such file"), std::string::npos) << context->error();
  folder.write("ca.pem", Authority().pem());
  EXPECT_NE(next(), nullptr);
}

TEST_F(TlsReload, connections_that_begin_during_a_look_wait_for_it_together) {
  make();
  std::vector<SSL_CTX*> given;
  for (int i = 0; i < 3; ++i) context->get([&](SSL_CTX* current) { given.push_back(current); });
  EXPECT_EQ(errands.under_way.size(), 1U);
  EXPECT_TRUE(given.empty());
  errands.finish();
  ASSERT_EQ(given.size(), 3U);
  EXPECT_NE(given[0], nullptr);
}

TEST_F(TlsReload, files_that_cannot_be_read_in_time_leave_what_was_loaded_in_use) {
  make();
  SSL_CTX* const first = next();
  add_second_authority();
  SSL_CTX* given = nullptr;
  const auto take = [&](SSL_CTX* current) { given = current; };
  context->get(take);
  EXPECT_EQ(given, nullptr);
  time.pass();
  EXPECT_EQ(std::exchange(given, nullptr), first);
  context->get(take);
  EXPECT_EQ(given, first) << "does not wait for what others have waited for";
  EXPECT_EQ(errands.under_way.size(), 1U) << "one thread for a file system that hangs";
  errands.finish();
  EXPECT_EQ(trusted(next()), 2);
}

TEST_F(TlsReload, files_that_were_never_read_are_waited_for) {
  make();
  SSL_CTX* given = nullptr;
  context->get([&](SSL_CTX* current) { given = current; });
  EXPECT_FALSE(time.armed);
  errands.finish();
  EXPECT_NE(given, nullptr);
}

TEST_F(TlsReload, a_look_that_ends_after_its_context_is_gone_does_nothing) {
  make();
  int calls = 0;
  context->get([&](SSL_CTX*) { ++calls; });
  context.reset();
  errands.finish();
  EXPECT_EQ(calls, 0);
}

TEST_F(TlsReload, a_machine_without_threads_leaves_what_was_loaded_in_use) {
  errands.has_threads = false;
  make();
  EXPECT_EQ(next(), nullptr);
  EXPECT_EQ(context->error(), "the machine has no thread left to read the files of TLS");
  errands.has_threads = true;
  SSL_CTX* const first = next();
  ASSERT_NE(first, nullptr);
  errands.has_threads = false;
  EXPECT_EQ(next(), first);
}

TEST(TlsOptions, are_compared_by_everything_that_counts) {
  TlsOptions a;
  EXPECT_TRUE(are_same(a, TlsOptions{}));
  TlsOptions b;
  b.key_passphrase = "other";
  EXPECT_FALSE(are_same(a, b));
  TlsOptions c;
  c.insecure_skip_hostname_check = true;
  EXPECT_FALSE(are_same(a, c));
}

}  // namespace
}  // namespace meridian::net
