// TLS on real servers, and on scripted ones that keep every byte they get (faults.md, row 21 and section 5).
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "integration/multi_db_fixture.hpp"
#include "integration/support/certificates.hpp"
#include "integration/support/tls_port.hpp"
#include "integration/support/tls_recorder.hpp"

namespace meridian::testing {
namespace {

// A redis-server that speaks TLS beside its plain port, which the tests look at it by.
struct TlsServer {
  explicit TlsServer(const Authority& authority) : tls(server, authority) {}
  void show(const Identity& identity) { tls.show(identity); }
  [[nodiscard]] std::uint16_t port() const { return tls.port(); }
  [[nodiscard]] std::string address() const { return tls.address(); }
  [[nodiscard]] std::string uri() const { return tls.uri(); }

  RedisServer server;
  TlsPort tls;
};

class Tls : public ::testing::Test {
 protected:
  [[nodiscard]] ClientOptions trusting() const {
    ClientOptions options;
    options.tls.ca_pem = authority.pem();
    return options;
  }

  // How a call fails that gets no connection.
  static Error failure(const std::string& uri, const ClientOptions& options, Duration deadline = 300ms) {
    Client client(uri, options);
    const auto outcome = client.execute(cmd::get("key"), {.deadline = deadline});
    if (outcome) return {ErrorCode::server_error, Delivery::answered, "(it was answered)"};
    EXPECT_EQ(outcome.error().delivery(), Delivery::not_sent);
    return outcome.error();
  }

  static void expect_refused(const Error& error, const std::string& why) {
    EXPECT_EQ(error.code(), ErrorCode::tls_failed) << error.what();
    EXPECT_TRUE(contains(error.message(), why)) << error.what();
  }

  Authority authority;
};

class TlsWithServer : public Tls {
 protected:
  TlsServer tls{authority};
  RedisServer& server = tls.server;
};

// --- What works ------------------------------------------------------------------------------------------------------

TEST_F(TlsWithServer, Client_speaks_TLS_when_the_URI_says_rediss) {
  TemporaryFolder folder;
  const std::string file = folder.write("ca.pem", authority.pem());
  Client client(tls.uri() + "/2?client_name=safe&tls_ca_file=" + file);
  EXPECT_TRUE(client.set("key", "value"));
  EXPECT_EQ(client.get("key"), "value");
  EXPECT_EQ(server.commands({{"SELECT", "2"}, {"EXISTS", "key"}}).back(), ":1\r\n");
  EXPECT_EQ(connections_with(server, "laddr=" + tls.address()).size(), 1U);
}

TEST_F(TlsWithServer, Client_speaks_TLS_when_the_options_say_so) {
  ClientOptions options = trusting();
  options.tls.enabled = true;
  EXPECT_EQ(Client(Endpoint{"localhost", tls.port()}, options).ping(), "PONG");
  EXPECT_EQ(Client("redis://" + tls.address(), options).ping(), "PONG");
  options.tls.server_name = "localhost";
  options.tls.min_version = TlsVersion::tls_1_3;
  EXPECT_EQ(Client(Endpoint{"127.0.0.1", tls.port()}, options).ping(), "PONG");
}

TEST_F(TlsWithServer, Client_authenticates_over_TLS) {
  ASSERT_EQ(server.command({"ACL", "SETUSER", "alice", "on", ">wonder", "~*", "+@all"}), "+OK\r\n");
  Client client("rediss://alice:wonder@" + tls.address(), trusting());
  EXPECT_EQ(client.command<std::string>("ACL", "WHOAMI"), "alice");
}

TEST_F(TlsWithServer, Client_carries_large_values_over_TLS) {
  for (const char* protocols : {"TLSv1.3", "TLSv1.2"}) {
    ASSERT_EQ(server.command({"CONFIG", "SET", "tls-protocols", protocols}), "+OK\r\n");
    Client client(tls.uri(), trusting());
    std::string large(8 << 20, '\0');
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2654435761U >> 13);
    client.set("large", large);
    EXPECT_TRUE(client.get("large") == large) << protocols;
  }
}

TEST_F(TlsWithServer, I1_every_reply_belongs_to_its_request_with_8_threads_over_TLS) {
  Client client(tls.uri(), trusting());
  std::vector<std::future<int>> callers;
  for (int thread = 0; thread < 8; ++thread) {
    callers.push_back(std::async(std::launch::async, [&client, thread] {
      int wrong = 0;
      for (std::size_t i = 0; i < 500; ++i) {
        const std::string text = std::to_string(thread) + "/" + std::to_string(i) + std::string(i * 7 % 3000, '.');
        std::future<std::string> first = client.submit(cmd::echo(text + "a"));
        const auto second = client.execute(cmd::echo(text + "b"));
        if (!second || *second != text + "b" || first.get() != text + "a") ++wrong;
      }
      return wrong;
    }));
  }
  for (auto& caller : callers) EXPECT_EQ(caller.get(), 0);
}

TEST_F(TlsWithServer, I9_a_destroyed_client_leaves_no_thread_and_no_descriptor_of_TLS) {
  const Holdings before = holdings();
  {
    Client client(tls.uri(), trusting());
    client.set("key", "value");
  }
  expect_holdings_return_to(before);
}

// --- What is refused (row 21) ----------------------------------------------------------------------------------------

TEST_F(TlsWithServer, row_21_wrong_certificates_are_refused_quickly_and_say_why) {
  const Authority stranger("Strange CA");
  const auto start = SteadyClock::now();
  tls.show(authority.issue({.addresses = {"127.0.0.1"}, .valid_from = -48h, .valid_until = -24h}));
  expect_refused(failure(tls.uri(), trusting()), "certificate of server expired on 20");
  tls.show(authority.issue({.dns_names = {"other.test"}}));
  expect_refused(failure(tls.uri(), trusting()),
                 "host name mismatch: wanted 127.0.0.1, the certificate is for other.test");
  tls.show(TlsPort::right(stranger));
  expect_refused(failure(tls.uri(), trusting()), "unknown CA: certificate of server is signed by Strange CA");
  EXPECT_LT(in_ms(since(start)), 3 * 900 * slowness);
  // and the modes that one can look for
  ClientOptions careless = trusting();
  careless.tls.insecure_skip_verification = true;
  EXPECT_EQ(Client(tls.uri(), careless).ping(), "PONG");
}

TEST_F(TlsWithServer, row_21_a_missing_client_certificate_is_told_and_a_right_one_lets_in) {
  ASSERT_EQ(server.command({"CONFIG", "SET", "tls-auth-clients", "yes"}), "+OK\r\n");
  for (const char* protocols : {"TLSv1.3", "TLSv1.2"}) {
    ASSERT_EQ(server.command({"CONFIG", "SET", "tls-protocols", protocols}), "+OK\r\n");
    expect_refused(failure(tls.uri(), trusting()), "it asked for a client certificate, and none is configured");
    const Identity identity = authority.issue({.common_name = "client"});
    ClientOptions options = trusting();
    options.tls.certificate_pem = identity.certificate;
    options.tls.key_pem = identity.key;
    EXPECT_EQ(Client(tls.uri(), options).ping(), "PONG") << protocols;
  }
}

TEST_F(TlsWithServer, row_21_a_client_without_TLS_at_a_TLS_port_fails_quickly) {
  const auto start = SteadyClock::now();
  const Error error = failure("redis://" + tls.address(), {});
  EXPECT_LT(in_ms(since(start)), 3 * 300 * slowness);
  EXPECT_TRUE(contains(error.message(), tls.address())) << error.what();
  EXPECT_TRUE(error.code() == ErrorCode::protocol_error || error.code() == ErrorCode::connect_failed) << error.what();
}

TEST_F(TlsWithServer, row_21_a_client_with_TLS_at_a_plain_port_says_what_it_waited_for) {
  // Redis takes the greeting for the beginning of a command and is silent.
  ClientOptions quick = trusting();
  quick.connect_timeout = 100ms;
  const Error error = failure("rediss://127.0.0.1:" + std::to_string(server.port()), quick, 400ms);
  EXPECT_EQ(error.code(), ErrorCode::connect_timeout) << error.what();
  EXPECT_TRUE(contains(error.message(), "a server without TLS may do that")) << error.what();
}

TEST_F(TlsWithServer, row_21_a_handshake_that_hangs_ends_with_the_connect_timeout) {
  server.stop();
  ClientOptions quick = trusting();
  quick.connect_timeout = 100ms;
  const auto start = SteadyClock::now();
  const Error error = failure(tls.uri(), quick, 400ms);
  EXPECT_LT(in_ms(since(start)), 3 * 400 * slowness);
  EXPECT_EQ(error.code(), ErrorCode::connect_timeout) << error.what();
  EXPECT_TRUE(contains(error.message(), "the TLS handshake with " + tls.address())) << error.what();
  server.resume();
}

TEST_F(TlsWithServer, row_21_open_connections_live_on_when_the_certificate_expires) {
  Client client(tls.uri(), trusting());
  const std::int64_t connection = client.command<std::int64_t>("CLIENT", "ID");
  tls.show(authority.issue({.addresses = {"127.0.0.1"}, .valid_from = -48h, .valid_until = -24h}));
  EXPECT_EQ(client.incr("counter"), 1);
  EXPECT_EQ(client.command<std::int64_t>("CLIENT", "ID"), connection);
}

TEST_F(Tls, row_21_MultiDbClient_leaves_a_database_whose_certificate_has_expired) {
  TlsServer east(authority);
  TlsServer west(authority);
  MultiDbConfig config;
  config.databases = {{.uri = east.uri(), .options = trusting(), .name = "east", .weight = 1.0},
                      {.uri = west.uri(), .options = trusting(), .name = "west", .weight = 0.5}};
  EventLog events;
  config.event_listeners = {events.listener()};
  MultiDbClient client(config);
  ASSERT_EQ(active_of(client), "east");
  EXPECT_EQ(client.incr("counter"), 1);
  east.show(authority.issue({.addresses = {"127.0.0.1"}, .valid_from = -48h, .valid_until = -24h}));
  EXPECT_EQ(client.incr("counter"), 2);
  ASSERT_NE(east.server.command({"CLIENT", "KILL", "LADDR", east.address()}), ":0\r\n");
  EXPECT_TRUE(events.wait_for_switch("west"));
  EXPECT_EQ(client.incr("counter"), 1);
}

// --- Nothing leaves before ------------------------------------------------------------------------------------------

class TlsSecrecy : public Tls {
 protected:
  void SetUp() override {
    options = trusting();
    options.user = "confidential-user";
    options.password = "confidential-password";
    options.client_name = "confidential-name";
    options.connect_timeout = 100ms;
  }

  // Tries until the recorder has got something and has answered or been silent: on a busy machine that may take long.
  Error try_at(const TlsRecorder& recorder, ErrorCode expected) {
    for (int i = 0;; ++i) {
      Error error = failure("rediss://127.0.0.1:" + std::to_string(recorder.port()), options, 300ms);
      if (i == 20 || (error.code() == expected && !recorder.raw().empty())) return error;
    }
  }

  static void expect_nothing_left(const TlsRecorder& recorder) {
    EXPECT_GT(recorder.connections(), 0);
    EXPECT_EQ(recorder.plaintext(), "");
    const std::string raw = recorder.raw();
    EXPECT_EQ(raw.substr(0, 2), "\x16\x03") << "a greeting of TLS";
    for (const char* word : {"confidential", "HELLO", "AUTH", "PING", "GET", "\r\n$"}) {
      EXPECT_FALSE(contains(raw, word)) << word;
    }
  }

  ClientOptions options;
  const Identity right = TlsPort::right(authority);
};

TEST_F(TlsSecrecy, Recorder_sees_the_credentials_of_a_client_that_has_verified_it) {
  const TlsRecorder recorder({.tls = TlsServerOptions{right}});
  EXPECT_TRUE(until([&] {
    static_cast<void>(try_at(recorder, ErrorCode::connect_timeout));
    return contains(recorder.plaintext(), "confidential-password");
  }));
  EXPECT_FALSE(contains(recorder.raw(), "confidential"));
}

TEST_F(TlsSecrecy, row_21_no_byte_of_a_credential_leaves_before_the_server_is_verified) {
  const Authority stranger;
  for (const Identity& wrong : {
           authority.issue({.addresses = {"127.0.0.1"}, .valid_from = -48h, .valid_until = -24h}),
           authority.issue({.dns_names = {"other.test"}, .addresses = {"127.0.0.2"}}),
           authority.issue({.common_name = "127.0.0.1"}),
           TlsPort::right(stranger),
       }) {
    for (const bool at_most_tls_1_2 : {false, true}) {
      const TlsRecorder recorder({.tls = TlsServerOptions{.identity = wrong, .at_most_tls_1_2 = at_most_tls_1_2}});
      expect_refused(try_at(recorder, ErrorCode::tls_failed), "TLS failed");
      expect_nothing_left(recorder);
    }
  }
}

TEST_F(TlsSecrecy, row_21_no_byte_of_a_credential_leaves_to_a_server_whose_protocol_is_too_old) {
  const TlsRecorder recorder({.tls = TlsServerOptions{.identity = right, .only_tls_1_1 = true}});
  expect_refused(try_at(recorder, ErrorCode::tls_failed), "protocol version");
  expect_nothing_left(recorder);
}

TEST_F(TlsSecrecy, row_21_no_byte_of_a_credential_leaves_to_a_server_without_TLS) {
  {
    const TlsRecorder answers({.answer = "-ERR unknown command\r\n"});
    expect_refused(try_at(answers, ErrorCode::tls_failed), "the server does not speak TLS");
    expect_nothing_left(answers);
  }
  {
    const TlsRecorder closes({.closes = true});
    expect_refused(try_at(closes, ErrorCode::tls_failed), "the server closed the connection at the first byte of TLS");
    expect_nothing_left(closes);
  }
  const TlsRecorder silent({});
  EXPECT_EQ(try_at(silent, ErrorCode::connect_timeout).code(), ErrorCode::connect_timeout);
  expect_nothing_left(silent);
}

// --- Renewals --------------------------------------------------------------------------------------------------------

class TlsRenewal : public TlsWithServer {
 protected:
  // The client's own connections go; it makes new ones.
  void cut_connections() { ASSERT_NE(server.command({"CLIENT", "KILL", "LADDR", tls.address()}), ":0\r\n"); }
  TemporaryFolder folder;
  std::string file = folder.write("ca.pem", authority.pem());
};

TEST_F(TlsRenewal, A_renewed_authority_is_used_by_the_next_connection) {
  Client client(tls.uri() + "?tls_ca_file=" + file);
  EXPECT_EQ(client.incr("counter"), 1);
  const Authority next("Next CA");
  folder.write("ca.pem", next.pem());
  tls.show(TlsPort::right(next));
  EXPECT_EQ(client.incr("counter"), 2) << "open connections live on";
  cut_connections();
  EXPECT_EQ(client.execute(cmd::get("counter"), {.deadline = 20s}).value(), "2");
}

TEST_F(TlsRenewal, A_broken_file_leaves_what_was_loaded_before_in_use) {
  Client client(tls.uri() + "?tls_ca_file=" + file);
  EXPECT_EQ(client.incr("counter"), 1);
  folder.write("ca.pem", "half a certif");
  cut_connections();
  EXPECT_EQ(client.execute(cmd::get("counter"), {.deadline = 20s}).value(), "1");
}

// --- Configuration ---------------------------------------------------------------------------------------------------

TEST_F(Tls, INIT_4_wrong_TLS_options_are_told_when_the_client_is_made) {
  const auto client = Client::create("rediss://localhost?tls_ca_file=/nowhere/ca.pem");
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(client.error().message(),
            "options.tls.ca_file is '/nowhere/ca.pem': must be a readable file of PEM certificates (No such file or "
            "directory)");

  const auto unsafe = Client::create("redis://localhost", trusting());
  ASSERT_FALSE(unsafe);
  EXPECT_TRUE(contains(unsafe.error().message(), "options.tls.ca_pem is set: must be left alone without TLS"))
      << unsafe.error().what();

  MultiDbConfig config;
  config.databases = {{.uri = "redis://localhost:1"}, {.uri = "rediss://localhost:2"}};
  config.databases[1].options.tls.key_file = "client.key";
  const auto several = MultiDbClient::create(config);
  ASSERT_FALSE(several);
  EXPECT_TRUE(contains(several.error().message(), "databases[1].options.tls.key_file is 'client.key': must be set "))
      << several.error().what();
}

}  // namespace
}  // namespace meridian::testing
