// Who is let in, what is said about who is not, and that nothing but the handshake leaves before.
#include "net/tls_handshake.hpp"

#include "unit/net/tls_pair.hpp"

namespace meridian::net {
namespace {

using namespace std::chrono_literals;

class TlsHandshakeTest : public TlsPair {
 protected:
  // Empty: all went well.
  std::string refusal(const TlsServerOptions& server_options, const TlsOptions& tls,
                      const std::string& host = "redis.test") {
    begin(server_options, tls, host);
    carry();
    return verdict();
  }

  std::string verdict() {
    if (!outcome) return "(nothing was decided)";
    EXPECT_EQ(outcome->status == IoStatus::ok, outcome->stream != nullptr);
    if (outcome->status == IoStatus::ok) return "";
    EXPECT_EQ(outcome->status, IoStatus::tls);
    return outcome->detail;
  }
};

TEST_F(TlsHandshakeTest, Tls_verifies_a_name_and_sends_it) {
  EXPECT_EQ(refusal(server_with({.dns_names = {"redis.test"}}), trusting()), "");
  EXPECT_EQ(server->asked_name(), "redis.test");
}

TEST_F(TlsHandshakeTest, Tls_verifies_an_address_and_sends_no_name) {
  EXPECT_EQ(refusal(server_with({.addresses = {"10.0.0.1"}}), trusting(), "10.0.0.1"), "");
  EXPECT_EQ(server->asked_name(), "");
  EXPECT_EQ(refusal(server_with({.addresses = {"::1"}}), trusting(), "::1"), "");
  EXPECT_EQ(refusal(server_with({.addresses = {"10.0.0.1"}}), trusting(), "10.0.0.2"),
            "here: TLS failed: host name mismatch: wanted 10.0.0.2, the certificate is for 10.0.0.1");
}

TEST_F(TlsHandshakeTest, Tls_verifies_the_server_name_that_the_options_give) {
  TlsOptions tls = trusting();
  tls.server_name = "other.test";
  EXPECT_EQ(refusal(server_with({.dns_names = {"other.test"}}), tls, "10.0.0.1"), "");
  EXPECT_EQ(server->asked_name(), "other.test");
  EXPECT_EQ(refusal(server_with({.dns_names = {"redis.test"}}), tls),
            "here: TLS failed: host name mismatch: wanted other.test, the certificate is for redis.test");
  tls.server_name = "redis.test.";
  EXPECT_EQ(refusal(server_with({.dns_names = {"redis.test"}}), tls), "");
}

TEST_F(TlsHandshakeTest, Tls_knows_wildcards_but_not_in_parts_of_a_name) {
  EXPECT_EQ(refusal(server_with({.dns_names = {"*.redis.test"}}), trusting(), "east.redis.test"), "");
  EXPECT_NE(refusal(server_with({.dns_names = {"e*.redis.test"}}), trusting(), "east.redis.test"), "");
  EXPECT_NE(refusal(server_with({.dns_names = {"*.redis.test"}}), trusting(), "a.east.redis.test"), "");
}

TEST_F(TlsHandshakeTest, row_21_a_certificate_for_another_name_is_refused_and_says_for_whom_it_is) {
  EXPECT_EQ(refusal(server_with({.dns_names = {"other.test", "third.test"}, .addresses = {"127.0.0.1"}}), trusting()),
            "here: TLS failed: host name mismatch: wanted redis.test, the certificate is for other.test, third.test, "
            "127.0.0.1");
}

TEST_F(TlsHandshakeTest, row_21_the_common_name_does_not_count) {
  EXPECT_EQ(refusal(server_with({.common_name = "redis.test"}), trusting()),
            "here: TLS failed: host name mismatch: wanted redis.test, the certificate is for no name (its common name "
            "redis.test does not count, a subjectAltName does)");
}

TEST_F(TlsHandshakeTest, row_21_an_expired_certificate_is_refused_and_says_since_when) {
  const std::string words =
      refusal(server_with({.dns_names = {"redis.test"}, .valid_from = -48h, .valid_until = -24h}), trusting());
  EXPECT_TRUE(words.starts_with("here: TLS failed: certificate of server expired on 20")) << words;
  EXPECT_NE(refusal(server_with({.dns_names = {"redis.test"}, .valid_from = 24h}), trusting()).find("not valid before"),
            std::string::npos);
}

TEST_F(TlsHandshakeTest, row_21_a_certificate_of_an_unknown_authority_is_refused_and_says_whose_it_is) {
  const Authority stranger("Strange CA");
  const Authority namesake("Test CA");
  const CertificateSpec spec{.dns_names = {"redis.test"}};
  EXPECT_EQ(refusal({stranger.issue(spec)}, trusting()),
            "here: TLS failed: unknown CA: certificate of server is signed by Strange CA, which is not trusted");
  EXPECT_EQ(refusal({namesake.issue(spec)}, trusting()),
            "here: TLS failed: unknown CA: certificate of server is signed by Test CA, which is not trusted");
}

TEST_F(TlsHandshakeTest, Tls_does_not_trust_an_authority_of_its_own_when_others_are_given) {
  TlsOptions system = trusting();
  system.ca_pem.clear();
  EXPECT_NE(refusal(server_with({.dns_names = {"redis.test"}}), system).find("unknown CA"), std::string::npos);
}

TEST_F(TlsHandshakeTest, Tls_insecure_modes_skip_what_they_name_and_no_more) {
  const Authority stranger;
  const CertificateSpec other{.dns_names = {"other.test"}};
  TlsOptions no_name = trusting();
  no_name.insecure_skip_hostname_check = true;
  EXPECT_EQ(refusal(server_with(other), no_name), "");
  EXPECT_EQ(refusal(server_with(other), no_name, "10.0.0.1"), "");
  EXPECT_NE(refusal({stranger.issue(other)}, no_name).find("unknown CA"), std::string::npos);
  TlsOptions nothing = trusting();
  nothing.insecure_skip_verification = true;
  EXPECT_EQ(refusal({stranger.issue(other)}, nothing), "");
  EXPECT_EQ(refusal({stranger.issue(other)}, nothing, "10.0.0.1"), "");
}

TEST_F(TlsHandshakeTest, Tls_without_a_name_to_verify_is_refused) {
  TlsOptions tls = trusting();
  tls.server_name = ".";
  EXPECT_EQ(TlsSession::make(make_ssl_context(tls, "tls")->get(), tls, "host"), nullptr);
}

TEST_F(TlsHandshakeTest, row_21_a_server_that_speaks_plain_text_is_told_apart) {
  for (const std::string answer : {"-ERR unknown command\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "+OK\r\n"}) {
    end();
    begin_alone(trusting());
    wire.from_peer = answer;
    std::exchange(wire.readable, nullptr)();
    EXPECT_EQ(verdict(), "here: TLS failed: the server does not speak TLS") << answer;
  }
}

TEST_F(TlsHandshakeTest, row_21_a_server_that_closes_is_told_apart) {
  begin_alone(trusting());
  wire.read_end = IoStatus::reset;
  std::exchange(wire.readable, nullptr)();
  EXPECT_EQ(verdict(),
            "here: TLS failed: the server closed the connection at the first byte of TLS; it may not speak TLS at this "
            "port");
  begin(server_with({.dns_names = {"redis.test"}}), trusting());
  server->feed(wire.take());
  wire.from_peer = server->take().substr(0, 100);
  wire.read_end = IoStatus::eof;
  std::exchange(wire.readable, nullptr)();
  EXPECT_EQ(verdict(), "here: TLS failed: the server closed the connection in the middle of the handshake");
}

TEST_F(TlsHandshakeTest, row_21_a_handshake_that_hangs_says_what_it_waits_for) {
  begin(server_with({.dns_names = {"redis.test"}}), trusting());
  EXPECT_EQ(handshake->waiting_for(),
            "the TLS handshake with here, which accepted the connection and says nothing; a server without TLS may do "
            "that");
  server->feed(wire.take());
  wire.from_peer = server->take().substr(0, 100);
  std::exchange(wire.readable, nullptr)();
  EXPECT_EQ(handshake->waiting_for(), "the TLS handshake with here");
  EXPECT_EQ(verdict(), "(nothing was decided)");
}

TEST_F(TlsHandshakeTest, row_21_a_protocol_that_is_too_old_is_refused) {
  TlsServerOptions old = server_with({.dns_names = {"redis.test"}});
  old.only_tls_1_1 = true;
  EXPECT_EQ(refusal(old, trusting()),
            "here: TLS failed: protocol version: the server speaks no version of TLS that is allowed here");
  TlsServerOptions middling = server_with({.dns_names = {"redis.test"}});
  middling.at_most_tls_1_2 = true;
  EXPECT_EQ(refusal(middling, trusting()), "");
  TlsOptions newest = trusting();
  newest.min_version = TlsVersion::tls_1_3;
  EXPECT_EQ(refusal(middling, newest),
            "here: TLS failed: protocol version: the server speaks no version of TLS that is allowed here");
}

TEST_F(TlsHandshakeTest, row_21_a_missing_client_certificate_is_told_in_TLS_1_2) {
  TlsServerOptions asking = server_with({.dns_names = {"redis.test"}});
  asking.client_ca = authority.pem();
  asking.at_most_tls_1_2 = true;
  EXPECT_EQ(refusal(asking, trusting()),
            "here: TLS failed: the server refused: handshake failure; it asked for a client certificate, and none is "
            "configured");
}

TEST_F(TlsHandshakeTest, row_21_a_missing_client_certificate_is_told_by_the_first_read_in_TLS_1_3) {
  TlsServerOptions asking = server_with({.dns_names = {"redis.test"}});
  asking.client_ca = authority.pem();
  EXPECT_EQ(refusal(asking, trusting()), "");
  stream = std::move(outcome->stream);
  EXPECT_EQ(stream->try_write("PING\r\n").bytes, 6U);
  EXPECT_EQ(read(), "");
  EXPECT_EQ(status, IoStatus::tls);
  EXPECT_EQ(stream->failure(),
            "the server refused: certificate required; it asked for a client certificate, and none is configured");
  EXPECT_EQ(stream->try_write("PING\r\n").status, IoStatus::tls);
}

TEST_F(TlsHandshakeTest, Tls_shows_the_client_certificate) {
  TlsServerOptions asking = server_with({.dns_names = {"redis.test"}});
  asking.client_ca = authority.pem();
  TlsOptions tls = trusting();
  const Identity client = authority.issue({.common_name = "client"});
  tls.certificate_pem = client.certificate;
  tls.key_pem = testing::encrypted_key(client.key, "sesame");
  tls.key_passphrase = "sesame";
  for (const bool at_most_tls_1_2 : {false, true}) {
    asking.at_most_tls_1_2 = at_most_tls_1_2;
    connect(asking, tls);
    EXPECT_EQ(stream->try_write("hello").bytes, 5U);
    EXPECT_EQ(carry(), "hello");
    EXPECT_FALSE(server->has_failed());
  }
}

TEST_F(TlsHandshakeTest, Tls_gets_along_with_one_byte_at_a_time) {
  begin(server_with({.dns_names = {"redis.test"}}), trusting());
  std::string waiting;
  for (int round = 0; round < 100'000 && !outcome; ++round) {
    const std::string out = wire.take();
    if (!out.empty()) server->feed(out);
    waiting += server->take();
    if (waiting.empty()) continue;
    wire.from_peer += waiting.front();
    waiting.erase(0, 1);
    if (const io::Task ready = std::exchange(wire.readable, nullptr)) ready();
  }
  EXPECT_EQ(verdict(), "");
}

TEST_F(TlsHandshakeTest, Tls_waits_for_room_to_send_its_part) {
  begin(server_with({.dns_names = {"redis.test"}}), trusting());
  wire.room = 0;
  for (int round = 0; round < 10'000 && !outcome; ++round) {
    wire.room = 1;
    if (const io::Task ready = std::exchange(wire.writable, nullptr)) ready();
    carry();
  }
  EXPECT_EQ(verdict(), "");
}

TEST_F(TlsHandshakeTest, Tls_names_the_failure_of_the_connection_below) {
  begin_alone(trusting());
  wire.read_end = IoStatus::unreachable;
  std::exchange(wire.readable, nullptr)();
  EXPECT_EQ(outcome->status, IoStatus::unreachable);
}

TEST_F(TlsHandshakeTest, Tls_dropped_calls_nobody) {
  begin(server_with({.dns_names = {"redis.test"}}), trusting());
  const io::Task ready = std::exchange(wire.readable, nullptr);
  handshake.reset();
  ready();
  EXPECT_EQ(verdict(), "(nothing was decided)");
}

}  // namespace
}  // namespace meridian::net
