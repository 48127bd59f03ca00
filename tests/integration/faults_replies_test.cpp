// Rows of docs/faults.md about what comes back on an open connection: cut, late, too much, too little, or no RESP at
// all. Whatever a server sends, a call gets the answer to its own command, or an error.
//
// What no client can notice is not asked for here: replies carry no numbers in RESP, so two replies of one type that
// change places while both commands are on their way look honest.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "integration/faults_fixture.hpp"

namespace meridian::testing {
namespace {

// How a reply ends that does not come to its end.
enum class Cut { fin, rst, silence };

std::string name_of(const ::testing::TestParamInfo<Cut>& info) {
  switch (info.param) {
    case Cut::fin: return "FIN";
    case Cut::rst: return "RST";
    case Cut::silence: return "silence";
  }
  return "";
}

// The first `bytes` of the right answer, then nothing more.
Action cut_after(std::size_t bytes, Cut cut) {
  return [=](Peer& peer, const Words& words) {
    peer.send(peer.ordinary(words).substr(0, bytes));
    switch (cut) {
      case Cut::fin: peer.finish();
      case Cut::rst: peer.reset();
      case Cut::silence: peer.fall_silent();
    }
  };
}

std::string value_of(const std::string& key) { return "the value of " + key; }

class FaultsReplies : public ::testing::Test {
 protected:
  // A value of its own under each of so many keys.
  void fill(Client& client, int keys) {
    for (int i = 0; i < keys; ++i) client.set(key(i), value_of(key(i)));
  }

  static std::string key(int i) { return "key" + std::to_string(i); }

  // Reads keys and counts what is neither their value nor an error.
  static int wrong_answers(Client& client, int keys, const CallOptions& options = {}) {
    int wrong = 0;
    for (int i = 0; i < keys; ++i) {
      const auto read = client.execute(cmd::get(key(i)), options);
      if (read && *read != value_of(key(i))) ++wrong;
    }
    return wrong;
  }

  ScriptedServer server;
};

// --- 7, 33: cut ------------------------------------------------------------------------------------------------------

class FaultsRepliesCut : public FaultsReplies, public ::testing::WithParamInterface<Cut> {};

TEST_P(FaultsRepliesCut, row_07_and_33_a_reply_cut_in_the_middle_gives_no_partial_value) {
  Client client(server.uri(), never_repeating());
  client.set("key", "a value that is long enough to be cut");
  for (const std::size_t bytes : {3U, 43U}) {
    server.on("GET", once(cut_after(bytes, GetParam())));
    const auto read = client.execute(cmd::get("key"), {.deadline = 400ms * slowness});
    ASSERT_FALSE(read) << "after " << bytes << " bytes: " << read->value_or("(nothing)");
    EXPECT_EQ(read.error().code(), GetParam() == Cut::silence ? ErrorCode::timed_out : ErrorCode::connection_lost)
        << read.error().what();
    EXPECT_EQ(read.error().delivery(), Delivery::in_doubt);
    EXPECT_EQ(client.get("key"), "a value that is long enough to be cut");
  }
}

TEST_P(FaultsRepliesCut, row_07_and_33_what_counts_is_in_doubt_and_not_sent_twice) {
  Client client(server.uri(), impatient());
  server.on("INCR", once(cut_after(2, GetParam())));
  const auto counted = client.execute(cmd::incr("counter"));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().delivery(), Delivery::in_doubt) << counted.error().what();
  EXPECT_EQ(counted.error().attempts(), 1);
  EXPECT_EQ(server.count("INCR"), 1U);
  EXPECT_EQ(client.incr("counter"), 2);
}

TEST_P(FaultsRepliesCut, row_07_and_33_a_read_is_repeated_on_a_connection_of_its_own) {
  Client client(server.uri(), impatient());
  client.set("key", "value");
  server.on("GET", once(cut_after(7, GetParam())));
  EXPECT_EQ(client.get("key"), "value");
  EXPECT_EQ(server.count("GET"), 2U);
  EXPECT_EQ(server.accepted(), 2U);
  EXPECT_TRUE(until([&] { return server.open_connections() == 1; }));
}

INSTANTIATE_TEST_SUITE_P(Ends, FaultsRepliesCut, ::testing::Values(Cut::fin, Cut::rst, Cut::silence), name_of);

// --- 34: no RESP -----------------------------------------------------------------------------------------------------

std::string nested_arrays(int depth) {
  std::string bytes;
  for (int i = 0; i < depth; ++i) bytes += "*1\r\n";
  return bytes + ":1\r\n";
}

TEST_F(FaultsReplies, row_34_what_is_no_RESP_is_a_protocol_error_and_ends_only_its_connection) {
  Client client(server.uri(), impatient());
  client.set("key", "value");
  for (const std::string& garbage : std::vector<std::string>{
           "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n400 Bad Request", "$-5\r\n", "*-9\r\n",
           "%-1\r\n", "$99999999999999999999\r\n", "$1099511627776\r\n", "*1000000000\r\n", ":12a\r\n", "+OK\n\r\n",
           "#maybe\r\n", "$3\r\nabcde\r\n", std::string("\x15\x03\x01\x00\x02\x02\x46", 7), nested_arrays(200'000),
           "+" + std::string(70'000, 'x') + "\r\n"}) {
    const std::size_t before = server.accepted();
    server.on("INCR", once([&garbage](Peer& peer, const Words&) {
                peer.send(garbage);
                peer.fall_silent();  // the client ends it
              }));
    const auto counted = client.execute(cmd::incr("counter"));
    ASSERT_FALSE(counted) << garbage.substr(0, 40);
    EXPECT_EQ(counted.error().code(), ErrorCode::protocol_error) << counted.error().what();
    EXPECT_EQ(counted.error().delivery(), Delivery::in_doubt) << counted.error().what();
    EXPECT_LT(counted.error().message().size(), 400U);
    EXPECT_EQ(client.get("key"), "value");
    EXPECT_TRUE(until([&] { return server.open_connections() == 1; })) << garbage.substr(0, 40);
    EXPECT_EQ(server.accepted(), before + 1) << garbage.substr(0, 40);
  }
  EXPECT_FALSE(client.get("counter"));  // no attempt was repeated
}

TEST_F(FaultsReplies, row_34_an_HTTP_server_is_told_as_one_that_does_not_speak_RESP) {
  server.on("*", [](Peer& peer, const Words&) {
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.finish();
  });
  Client client(server.uri(), impatient());
  const auto read = client.execute(cmd::get("key"), {.deadline = 100ms * slowness});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::protocol_error) << read.error().what();
  EXPECT_EQ(read.error().delivery(), Delivery::not_sent);
  server.behave();
  EXPECT_EQ(client.get("key"), std::nullopt);
}

// --- 35: too many, too few, in the wrong order -----------------------------------------------------------------------

TEST_F(FaultsReplies, row_35_a_reply_too_many_ends_the_connection_and_answers_nobody) {
  Client client(server.uri(), impatient());
  fill(client, 20);
  for (const std::string& extra :
       {std::string(), std::string("$8\r\nuncalled\r\n"), std::string("-ERR uncalled\r\n")}) {
    server.on("GET", [&extra](Peer& peer, const Words& words) {
      const std::string reply = peer.ordinary(words);
      peer.send(reply + (extra.empty() ? reply : extra));
    });
    const std::size_t before = server.accepted();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client.get(key(i)), value_of(key(i)));
    EXPECT_GE(server.accepted(), before + 19);
  }
}

TEST_F(FaultsReplies, row_35_a_reply_to_nothing_ends_an_idle_connection) {
  Client client(server.uri(), impatient());
  fill(client, 3);
  for (int i = 0; i < 3; ++i) {
    const std::size_t before = server.accepted();
    server.on("GET", once([](Peer& peer, const Words& words) {
                peer.answer(words);
                peer.pause(20ms);
                peer.answer(words);  // a duplicate, late
                peer.fall_silent();
              }));
    EXPECT_EQ(client.get(key(i)), value_of(key(i)));
    EXPECT_TRUE(until([&] { return server.accepted() > before && server.open_connections() == 1; }, 1s * slowness));
    EXPECT_EQ(client.get(key((i + 1) % 3)), value_of(key((i + 1) % 3)));
  }
}

TEST_F(FaultsReplies, row_35_a_reply_that_is_missing_shifts_none_that_follow) {
  Client client(server.uri(), impatient());
  fill(client, 4);
  server.on("GET", once([](Peer&, const Words&) {}));
  const auto missing = client.execute(cmd::get(key(0)), {.deadline = 30ms});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::timed_out);
  EXPECT_EQ(missing.error().delivery(), Delivery::in_doubt);
  // The answer to this one looks like the one that is missing; the connection is given up before anybody is told it.
  for (int i = 1; i < 4; ++i) EXPECT_EQ(client.get(key(i)), value_of(key(i)));
  EXPECT_EQ(server.accepted(), 2U);
}

TEST_F(FaultsReplies, row_35_replies_that_changed_places_are_no_values_where_their_type_tells) {
  Client client(server.uri(), impatient());
  fill(client, 1);
  server.on("GET", once([](Peer& peer, const Words& words) { peer.note() = peer.ordinary(words); }));
  server.on("INCR", once([](Peer& peer, const Words& words) { peer.send(peer.ordinary(words) + peer.note()); }));
  std::promise<Result<std::optional<std::string>>> read;
  std::promise<Result<std::int64_t>> counted;
  client.submit(cmd::get(key(0)), [&read](Result<std::optional<std::string>> r) { read.set_value(std::move(r)); });
  client.submit(cmd::incr("counter"), [&counted](Result<std::int64_t> r) { counted.set_value(std::move(r)); });

  const auto value = read.get_future().get();
  ASSERT_FALSE(value) << value->value_or("(nothing)");
  EXPECT_EQ(value.error().code(), ErrorCode::unexpected_reply) << value.error().what();
  const auto number = counted.get_future().get();
  ASSERT_FALSE(number) << *number;
  EXPECT_EQ(number.error().code(), ErrorCode::unexpected_reply) << number.error().what();
}

// --- 36: in pieces, with pushes between ------------------------------------------------------------------------------

const std::string push = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$4\r\nkey1\r\n";

TEST_F(FaultsReplies, row_36_one_byte_a_packet_from_the_handshake_on_changes_nothing) {
  server.on("*", [](Peer& peer, const Words& words) { peer.trickle(peer.ordinary(words)); });
  for (const char* protocol : {"?protocol=2", "?protocol=3"}) {
    Client client(server.uri() + protocol);
    fill(client, 10);
    EXPECT_EQ(wrong_answers(client, 10), 0);
    EXPECT_EQ(client.get("missing"), std::nullopt);
    EXPECT_EQ(client.echo(""), "");
    EXPECT_EQ(client.execute(cmd::custom("NO-SUCH")).error().code(), ErrorCode::server_error);
  }
  EXPECT_EQ(server.accepted(), 2U);
}

TEST_F(FaultsReplies, row_36_pushes_before_behind_and_between_replies_change_nothing) {
  server.on("*", [](Peer& peer, const Words& words) {
    const std::string reply = peer.ordinary(words);
    if (peer.number() % 2 == 0) peer.trickle(push + reply + push + push);
    else peer.send(push + reply + push + push);
  });
  Client first_client(server.uri());
  Client second_client(server.uri());
  for (Client* client : {&first_client, &second_client}) {
    fill(*client, 10);
    std::vector<std::future<std::optional<std::string>>> reads;
    for (int i = 0; i < 10; ++i) reads.push_back(client->futures().get(key(i)));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(reads[static_cast<std::size_t>(i)].get(), value_of(key(i)));
  }
  EXPECT_EQ(server.accepted(), 2U);
}

// --- 42: too late ----------------------------------------------------------------------------------------------------

TEST_F(FaultsReplies, row_42_the_late_reply_of_a_call_that_was_given_up_reaches_no_other_call) {
  Client client(server.uri(), impatient());
  fill(client, 10);
  server.on("GET", [](Peer& peer, const Words& words) {
    if (words[1] == "key0") peer.pause(30ms);
    peer.answer(words);
  });
  for (int round = 0; round < 10; ++round) {
    const auto late = client.execute(cmd::get(key(0)), {.deadline = 5ms});
    if (late) EXPECT_EQ(*late, value_of(key(0)));
    else EXPECT_EQ(late.error().code(), ErrorCode::timed_out) << late.error().what();
    for (int i = 1; i < 10; ++i) EXPECT_EQ(client.get(key(i)), value_of(key(i)));
  }
  EXPECT_EQ(server.accepted(), 1U);  // replies that are only late do not cost the connection
}

TEST_F(FaultsReplies, row_42_calls_of_many_threads_that_give_up_disturb_nobody) {
  Client client(server.uri(), impatient());
  fill(client, 8);
  std::atomic<int> asked{0};
  server.on("GET", [&asked](Peer& peer, const Words& words) {
    if (asked++ % 8 == 0) peer.pause(3ms);
    peer.answer(words);
  });
  std::vector<std::future<int>> callers;
  for (int thread = 0; thread < 8; ++thread) {
    callers.push_back(std::async(std::launch::async, [&client] {
      int wrong = 0;
      for (int round = 0; round < 10; ++round) wrong += wrong_answers(client, 8, {.deadline = 2ms});
      return wrong;
    }));
  }
  for (auto& caller : callers) EXPECT_EQ(caller.get(), 0);
  server.behave();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(client.get(key(i)), value_of(key(i)));
}

// --- All of them at once ---------------------------------------------------------------------------------------------

TEST_F(FaultsReplies, I1_every_reply_belongs_to_its_request_while_connections_break_in_every_way) {
  Client client(server.uri(), impatient());
  fill(client, 8);
  std::atomic<int> asked{0};
  server.on("GET", [&asked](Peer& peer, const Words& words) {
    const std::string reply = peer.ordinary(words);
    switch (asked++ % 40) {
      case 5: peer.send(reply.substr(0, 6)), peer.finish();
      case 13: peer.send(reply.substr(0, reply.size() - 1)), peer.reset();
      case 21: peer.send(push + "$-7\r\n"), peer.fall_silent();
      case 29: peer.send("HTTP/1.1 503 Service Unavailable\r\n\r\n"), peer.finish();
      case 37: return peer.trickle(push + reply + push);
      default: return peer.send(reply);
    }
  });
  std::vector<std::future<int>> callers;
  for (int thread = 0; thread < 8; ++thread) {
    callers.push_back(std::async(std::launch::async, [&client] {
      int wrong = 0;
      for (int round = 0; round < 10; ++round) wrong += wrong_answers(client, 8);
      return wrong;
    }));
  }
  for (auto& caller : callers) EXPECT_EQ(caller.get(), 0);
  EXPECT_GE(asked, 640);
  EXPECT_GT(server.accepted(), 10U);
}

}  // namespace
}  // namespace meridian::testing
