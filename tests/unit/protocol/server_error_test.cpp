// What error replies mean, taken from the texts that real servers and proxies send.
#include "protocol/server_error.hpp"
#include "core/cannot_serve.hpp"

#include <gtest/gtest.h>

#include <string>

namespace meridian::protocol {

static void PrintTo(const ServerError& error, std::ostream* out) {
  *out << to_string(error.code) << ", " << to_string(error.delivery);
}
static bool operator==(const ServerError& a, const ServerError& b) {
  return a.code == b.code && a.delivery == b.delivery;
}

namespace {

constexpr CommandTraits plain{.repeat = Repeat::overwrite};
constexpr CommandTraits script{.repeat = Repeat::accumulate, .may_run_partly = true};

struct Known {
  const char* text;
  ErrorCode code;
};

constexpr Known cannot_serve[] = {
    {"LOADING Redis is loading the dataset in memory", ErrorCode::loading},
    {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", ErrorCode::master_down},
    {"CLUSTERDOWN The cluster is down", ErrorCode::cluster_down},
    {"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", ErrorCode::busy},
    {"READONLY You can't write against a read only replica.", ErrorCode::read_only},
    {"UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
     ErrorCode::read_only},
    {"MISCONF Redis is configured to save RDB snapshots, but …", ErrorCode::misconfigured},
    {"NOREPLICAS Not enough good replicas to write.", ErrorCode::no_replicas},
    {"OOM command not allowed when used memory > 'maxmemory'.", ErrorCode::out_of_memory},
};

constexpr Known other_rejections[] = {
    {"MOVED 3999 127.0.0.1:6381", ErrorCode::moved},
    {"ASK 3999 127.0.0.1:6381", ErrorCode::moved},
    {"TRYAGAIN Multiple keys request during rehashing of slot", ErrorCode::try_again},
    {"NOAUTH Authentication required.", ErrorCode::authentication_failed},
    {"ERR max number of clients reached", ErrorCode::max_clients},
    {"ERR max number of clients + cluster connections reached", ErrorCode::max_clients},
};

constexpr Known answers[] = {
    {"WRONGTYPE Operation against a key holding the wrong kind of value", ErrorCode::wrong_type},
    {"NOPERM this user has no permissions to run the 'get' command", ErrorCode::no_permission},
    {"NOSCRIPT No matching script. Please use EVAL.", ErrorCode::no_script},
    {"EXECABORT Transaction discarded because of previous errors.", ErrorCode::exec_abort},
    {"EXECABORT Transaction discarded because of: OOM command not allowed", ErrorCode::exec_abort},
    {"ERR wrong number of arguments for 'get' command", ErrorCode::server_error},
    {"ERR syntax error", ErrorCode::server_error},
    {"CROSSSLOT Keys in request don't hash to the same slot", ErrorCode::server_error},
    {"", ErrorCode::server_error},
    {"ERR", ErrorCode::server_error},
    {"ERR ", ErrorCode::server_error},
};

TEST(ServerError, DET_2_replies_that_say_the_server_cannot_serve_are_known_and_prove_that_nothing_ran) {
  for (const Known& known : cannot_serve) {
    EXPECT_EQ(classify(known.text, plain), (ServerError{known.code, Delivery::rejected})) << known.text;
    EXPECT_TRUE(core::is_cannot_serve(known.code)) << known.text;
  }
}

TEST(ServerError, routing_credentials_and_a_full_server_prove_that_nothing_ran_but_are_no_trouble_of_the_database) {
  for (const Known& known : other_rejections) {
    EXPECT_EQ(classify(known.text, plain), (ServerError{known.code, Delivery::rejected})) << known.text;
    EXPECT_FALSE(core::is_cannot_serve(known.code)) << known.text;
  }
}

TEST(ServerError, DET_2_what_is_about_the_command_itself_is_an_answer_and_never_counts) {
  for (const Known& known : answers) {
    EXPECT_EQ(classify(known.text, plain), (ServerError{known.code, Delivery::answered})) << known.text;
    EXPECT_FALSE(core::is_cannot_serve(known.code)) << known.text;
  }
}

TEST(ServerError, from_scripts_and_transactions_a_rejection_is_in_doubt_because_a_part_may_have_run) {
  for (const Known& known : cannot_serve) {
    EXPECT_EQ(classify(known.text, script), (ServerError{known.code, Delivery::in_doubt})) << known.text;
  }
  EXPECT_EQ(classify("ERR upstream: OOM command not allowed", script),
            (ServerError{ErrorCode::out_of_memory, Delivery::in_doubt}));
  EXPECT_EQ(classify("WRONGTYPE Operation …", script), (ServerError{ErrorCode::wrong_type, Delivery::answered}));
}

TEST(ServerError, DET_2_the_same_behind_the_prefix_of_a_proxy) {
  for (const Known& known : cannot_serve) {
    for (const char* prefix :
         {"ERR ", "ERR upstream: ", "ERR proxy says: ", "ERR node 10.0.0.7:6379: ", "upstream: "}) {
      EXPECT_EQ(classify(std::string(prefix) + known.text, plain), (ServerError{known.code, Delivery::rejected}))
          << prefix << known.text;
    }
  }
}

TEST(ServerError, the_bare_word_is_enough) {
  EXPECT_EQ(classify("LOADING", plain), (ServerError{ErrorCode::loading, Delivery::rejected}));
  EXPECT_EQ(classify("ERR LOADING", plain), (ServerError{ErrorCode::loading, Delivery::rejected}));
}

TEST(ServerError, DET_2_prose_that_contains_such_words_is_not_misread) {
  for (const char* prose : {
           "ERR the key BUSY is not an integer",
           "ERR value OOM out of range",
           "ERR unknown command 'LOADING', with args beginning with: ",
           "ERR unknown command `READONLY`, with args beginning with: ",
           "ERR no such option READONLY",
           "BUSYGROUP Consumer Group name already exists",
           "BUSYKEY Target key name already exists.",
           "LOADINGX no such word",
           "loading in lower case is no code",
           "ERR Target instance replied with error: OOM command not allowed",  // MIGRATE speaks of the other server
           "MYAPP the stock is BUSY",
       }) {
    EXPECT_EQ(classify(prose, plain), (ServerError{ErrorCode::server_error, Delivery::answered})) << prose;
  }
}

}  // namespace
}  // namespace meridian::protocol
