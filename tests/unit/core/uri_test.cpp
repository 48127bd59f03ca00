// What URIs say, what wrong ones are answered, and that neither shows a password.
#include <meridian/duration_text.hpp>
#include <meridian/options.hpp>

#include <gtest/gtest.h>

#include <string>

namespace meridian {
namespace {

using namespace std::chrono_literals;

Target parsed(std::string_view uri, const ClientOptions& base = {}) {
  Result<Target> target = parse_uri(uri, base);
  if (!target) {
    ADD_FAILURE() << uri << ": " << target.error().what();
    return {};
  }
  return *target;
}

std::string refusal(std::string_view uri) {
  const Result<Target> target = parse_uri(uri);
  if (target) return "(accepted)";
  EXPECT_EQ(target.error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(target.error().delivery(), Delivery::not_sent);
  return target.error().message();
}

TEST(Uri, with_every_part) {
  const Target target = parsed(
      "redis://ada:p%40ss%3A%2f@redis.example.com:14000/7?protocol=2&client_name=my%2Dapp"
      "&connect_timeout=250ms&command_timeout=5s&command_deadline=1m&idle_ping=100us");
  EXPECT_EQ(target.endpoint, (Endpoint{"redis.example.com", 14000}));
  EXPECT_EQ(target.options.user, "ada");
  EXPECT_EQ(target.options.password.reveal_secret(), "p@ss:/");
  EXPECT_EQ(target.options.database, 7);
  EXPECT_EQ(target.options.protocol, Protocol::resp2);
  EXPECT_EQ(target.options.client_name, "my-app");
  EXPECT_EQ(target.options.connect_timeout, 250ms);
  EXPECT_EQ(target.options.command_timeout, 5s);
  EXPECT_EQ(target.options.command_deadline, 1min);
  EXPECT_EQ(target.options.idle_ping, 100us);
}

TEST(Uri, with_a_host_only_has_the_defaults) {
  const Target target = parsed("redis://localhost");
  EXPECT_EQ(target.endpoint, (Endpoint{"localhost", 6379}));
  EXPECT_EQ(target.options.database, 0);
  EXPECT_TRUE(target.options.password.empty());
  EXPECT_EQ(target.options.protocol, Protocol::negotiate);
}

TEST(Uri, may_say_valkey_in_any_case) {
  EXPECT_EQ(parsed("valkey://host:1").endpoint, (Endpoint{"host", 1}));
  EXPECT_EQ(parsed("ReDiS://host:65535/").endpoint, (Endpoint{"host", 65535}));
}

TEST(Uri, with_a_password_only) {
  const Target target = parsed("redis://:secret@host");
  EXPECT_EQ(target.options.user, "");
  EXPECT_EQ(target.options.password.reveal_secret(), "secret");
}

TEST(Uri, with_a_user_only) {
  const Target target = parsed("redis://ada@host");
  EXPECT_EQ(target.options.user, "ada");
  EXPECT_TRUE(target.options.password.empty());
}

TEST(Uri, with_separators_inside_the_password) {
  EXPECT_EQ(parsed("redis://u:a:b@c@host").options.password.reveal_secret(), "a:b@c");
}

TEST(Uri, with_ipv6_addresses) {
  EXPECT_EQ(parsed("redis://[::1]").endpoint, (Endpoint{"::1", 6379}));
  EXPECT_EQ(parsed("redis://u:p@[2001:db8::1]:7000/1").endpoint, (Endpoint{"2001:db8::1", 7000}));
}

TEST(Uri, takes_the_database_from_db_too) {
  EXPECT_EQ(parsed("redis://host?db=3").options.database, 3);
  EXPECT_EQ(parsed("redis://host/3?db=3").options.database, 3);
  EXPECT_EQ(refusal("redis://host/1?db=3"), "uri: option db is '3': must be the same as the path, which says 1");
}

TEST(Uri, leaves_what_it_does_not_say_to_the_base) {
  ClientOptions base;
  base.user = "base-user";
  base.password = "base-password";
  base.database = 9;
  base.command_timeout = 7s;
  const Target target = parsed("redis://host?connect_timeout=3s", base);
  EXPECT_EQ(target.options.user, "base-user");
  EXPECT_EQ(target.options.password.reveal_secret(), "base-password");
  EXPECT_EQ(target.options.database, 9);
  EXPECT_EQ(target.options.command_timeout, 7s);
  EXPECT_EQ(target.options.connect_timeout, 3s);
  EXPECT_EQ(parsed("redis://host?db=1", base).options.database, 1);
}

TEST(Uri, with_rediss_or_valkeys_turns_TLS_on) {
  EXPECT_FALSE(parsed("redis://host").options.tls.enabled);
  for (const std::string scheme : {"rediss", "valkeys", "RedisS"}) {
    const Target target = parsed(scheme + "://ada:secret@host:7000/2");
    EXPECT_TRUE(target.options.tls.enabled) << scheme;
    EXPECT_EQ(target.endpoint, (Endpoint{"host", 7000}));
    EXPECT_EQ(target.options.database, 2);
  }
  ClientOptions base;
  base.tls.enabled = true;
  base.tls.ca_file = "ca.pem";
  EXPECT_TRUE(parsed("redis://host", base).options.tls.enabled) << "as the options say";
  EXPECT_EQ(parsed("rediss://host", base).options.tls.ca_file, "ca.pem");
}

TEST(Uri, with_TLS_options) {
  const TlsOptions tls = parsed(
                             "rediss://host?tls_ca_file=%2Fetc/ca.pem&tls_certificate_file=c.pem&tls_key_file=k.pem"
                             "&tls_server_name=east.example.com")
                             .options.tls;
  EXPECT_EQ(tls.ca_file, "/etc/ca.pem");
  EXPECT_EQ(tls.certificate_file, "c.pem");
  EXPECT_EQ(tls.key_file, "k.pem");
  EXPECT_EQ(tls.server_name, "east.example.com");
  EXPECT_EQ(refusal("redis://host?tls_ca_file=ca.pem"),
            "uri: option tls_ca_file needs TLS: must be in a URI with rediss:// or valkeys://");
  EXPECT_EQ(refusal("rediss://host?tls_ca_file="), "uri: option tls_ca_file is '': must be not empty");
}

TEST(Uri, of_a_unix_socket) {
  const Target target = parsed("unix:///run/redis/redis.sock?db=3&protocol=2");
  EXPECT_EQ(target.endpoint.path, "/run/redis/redis.sock");
  EXPECT_EQ(target.options.database, 3);
  EXPECT_EQ(target.options.protocol, Protocol::resp2);
  const Target with_credentials = parsed("unix://ada:p%40ss@/tmp/my%20redis");
  EXPECT_EQ(with_credentials.endpoint.path, "/tmp/my redis");
  EXPECT_EQ(with_credentials.options.user, "ada");
  EXPECT_EQ(with_credentials.options.password.reveal_secret(), "p@ss");
}

TEST(Uri, of_a_unix_socket_names_the_part_that_is_wrong) {
  EXPECT_EQ(refusal("unix://"), "uri: path is empty: must be that of a socket, as in unix:///run/redis.sock");
  EXPECT_EQ(refusal("unix:///"), "uri: path is empty: must be that of a socket, as in unix:///run/redis.sock");
  EXPECT_EQ(refusal("unix://run/redis.sock"),
            "uri: a Unix socket has no host: must be written as unix:///path/of/the.sock");
  EXPECT_EQ(refusal("unix:///a%2"), "uri: path: '%' must be followed by two hexadecimal digits");
  EXPECT_EQ(refusal("unix:///a%00b"), "uri.path is '/a\\x00b': must be without a zero byte");
  const std::string longest = "/" + std::string(106, 'x');
  EXPECT_EQ(parsed("unix://" + longest).endpoint.path, longest);
  EXPECT_EQ(refusal("unix://" + longest + "x"),
            "uri.path is '" + longest + "x': must be at most 107 bytes long, but has 108");
}

TEST(Uri, of_a_scheme_that_comes_later_says_so) {
  for (const std::string scheme : {"redis+cluster", "redis+sentinel", "valkey+cluster", "valkey+sentinel"}) {
    EXPECT_EQ(refusal(scheme + "://host"), "uri: scheme '" + scheme + "' is not supported yet by this version");
  }
}

TEST(Uri, of_an_unknown_scheme_lists_the_right_ones) {
  EXPECT_EQ(refusal("http://host"),
            "uri: scheme 'http' is not known: must be redis, rediss, valkey, valkeys or unix, as in "
            "redis://user:password@host:6379/0");
  EXPECT_EQ(refusal("localhost:6379"),
            "uri: what stands before '://' is not known: must be redis, rediss, valkey, valkeys or unix, as in "
            "redis://user:password@host:6379/0");
  EXPECT_NE(refusal(""), "(accepted)");
}

TEST(Uri, names_the_part_that_is_wrong_and_its_value) {
  EXPECT_EQ(refusal("redis://host:70000"), "uri: port is 70000: must be from 1 to 65535");
  EXPECT_EQ(refusal("redis://host:0"), "uri: port is 0: must be from 1 to 65535");
  EXPECT_EQ(refusal("redis://host:"), "uri: port is not a number: must be from 1 to 65535");
  EXPECT_EQ(refusal("redis://host:-1"), "uri: port is not a number: must be from 1 to 65535");
  EXPECT_EQ(refusal("redis://"), "uri: host is empty: must be a name or an address, as in redis://localhost");
  EXPECT_EQ(refusal("redis://[::1"), "uri: host: '[' has no ']'");
  EXPECT_EQ(refusal("redis://[::1]6379"), "uri: host: only ':' and a port may follow ']'");
  EXPECT_EQ(refusal("redis://::1"), "uri: host is empty: must be a name or an address, as in redis://localhost");
  EXPECT_EQ(refusal("redis://fe80::1"),
            "uri: host and port have more than one ':': an IPv6 address stands in brackets");
  EXPECT_EQ(refusal("redis://my host"),
            "uri.host is 'my host': must be a name or an address, without brackets or "
            "spaces");
  EXPECT_EQ(refusal("redis://host/first"),
            "uri: database is 'first': must be a number, 0 or greater, as in redis://host/0");
  EXPECT_EQ(refusal("redis://host/-1"), "uri: database is '-1': must be a number, 0 or greater, as in redis://host/0");
  EXPECT_EQ(refusal("redis://host/99999999999"),
            "uri: database is '99999999999': must be a number, 0 or greater, as in redis://host/0");
  EXPECT_EQ(refusal("redis://us%zzer@host"), "uri: user: '%' must be followed by two hexadecimal digits");
  EXPECT_EQ(refusal("redis://host#1"), "uri: a '#' must be written as %23");
}

TEST(Uri, names_the_option_that_is_wrong_and_its_value) {
  EXPECT_EQ(refusal("redis://host?protocol=4"), "uri: option protocol is '4': must be 2 or 3");
  EXPECT_EQ(refusal("redis://host?db=x"), "uri: option db is 'x': must be a database number, 0 or greater");
  EXPECT_EQ(refusal("redis://host?connect_timeout=5"),
            "uri: option connect_timeout is '5': must be a number and a unit (us, ms, s, m), as in 250ms");
  EXPECT_EQ(refusal("redis://host?command_timeout=-5ms"),
            "uri: option command_timeout is '-5ms': must be greater than 0");
  EXPECT_EQ(refusal("redis://host?idle_ping=0s"), "uri: option idle_ping is '0s': must be greater than 0");
  EXPECT_EQ(refusal("redis://host?client_name=a%20b"),
            "uri.client_name is 'a b': must be free of spaces and control characters");
  EXPECT_EQ(refusal("redis://host?protocol"), "uri: option 'protocol' has no value: must be written as option=value");
  EXPECT_EQ(refusal("redis://host?protocol=2&protocol=3"), "uri: option 'protocol' is given twice");
  EXPECT_EQ(refusal("redis://host?client_name=%4"),
            "uri: option 'client_name': '%' must be followed by two hexadecimal digits");
}

TEST(Uri, INIT_4_an_unknown_option_is_named_and_the_known_ones_are_listed) {
  EXPECT_EQ(
      refusal("redis://host?timeout=5s"),
      "uri: option 'timeout' is not known: must be one of client_name, command_deadline, command_timeout, "
      "connect_timeout, db, idle_ping, protocol, tls_ca_file, tls_certificate_file, tls_key_file, tls_server_name");
}

// However the URI is broken, the password in it is in no message and in no redacted form.
TEST(Uri, never_shows_a_password) {
  for (const std::string_view uri : {
           "redis://user:hunter2@",
           "redis://user:hunter2@host:port",
           "redis://user:hunter2@host:99999",
           "redis://user:hunter2@host/x",
           "redis://user:hunter2@host?what=1",
           "redis://user:hunter2@[::1",
           "redis://user:hunter2%@host",
           "redis://user:x/hunter2@host",
           "redis://user:x?hunter2@host",
           "redis://user:x#hunter2@host",
           "redis://user:x@y/hunter2@host",
           "redis://:hunter2",
           "redis://user:hunter2",
           "redis://user:x:hunter2",
           "redis:/user:hunter2@host",
           "user:hunter2@host:6379",
           "user:hunter2://host",
           "redis+cluster://user:hunter2@host",
           "rediss://user:hunter2",
           "rediss://user:hunter2@host?tls_ca_file=",
           "unix://user:hunter2",
           "unix://user:hunter2/run/redis.sock",
           "unix://user:hunter2@host/run/redis.sock",
           "unix://user:hunter2@",
           "unix:///run/user:hunter2@host",
           "unknown://user:hunter2@host",
       }) {
    EXPECT_EQ(refusal(uri).find("hunter2"), std::string::npos) << refusal(uri);
    EXPECT_NE(refusal(uri), "(accepted)") << uri;
    EXPECT_EQ(redact_uri(uri), "(unreadable URI)") << uri;
  }
}

TEST(RedactedUri, shows_everything_but_the_password) {
  EXPECT_EQ(redact_uri("redis://ada:hunter2@host:14000/0"), "redis://ada:***@host:14000/0");
  EXPECT_EQ(redact_uri("redis://:hunter2@host"), "redis://:***@host");
  EXPECT_EQ(redact_uri("redis://ada:a:b@c@host"), "redis://ada:***@host");
  EXPECT_EQ(redact_uri("redis://ada@[::1]:7000"), "redis://ada@[::1]:7000");
  EXPECT_EQ(redact_uri("redis://redis-east.example.com:14000"), "redis://redis-east.example.com:14000");
}

TEST(RedactedUri, of_TLS_and_of_a_unix_socket) {
  EXPECT_EQ(redact_uri("rediss://ada:hunter2@host/0"), "rediss://ada:***@host/0");
  EXPECT_EQ(redact_uri("unix://ada:hunter2@/run/redis.sock?db=1"), "unix://ada:***@/run/redis.sock");
}

TEST(RedactedUri, has_no_options) { EXPECT_EQ(redact_uri("valkey://host/2?protocol=3"), "valkey://host/2"); }

TEST(DurationText, is_read_with_its_unit) {
  EXPECT_EQ(parse_duration("250ms"), Duration(250ms));
  EXPECT_EQ(parse_duration("100us"), Duration(100us));
  EXPECT_EQ(parse_duration("1m"), Duration(1min));
  EXPECT_EQ(parse_duration("-5s"), Duration(-5s));
  for (const std::string_view wrong : {"", "5", "ms", "5 s", "5S", "1.5s", "5h", "5ms ", "99999999999999999999s",
                                       "9223372036854775807m", "-9223372036854775808m"}) {
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  }
}

TEST(DurationText, is_written_with_the_largest_exact_unit) {
  EXPECT_EQ(duration_text(-5ms), "-5ms");
  EXPECT_EQ(duration_text(0s), "0ms");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(2min), "2m");
  EXPECT_EQ(duration_text(1500us), "1500us");
  EXPECT_EQ(duration_text(7ns), "7ns");
}

}  // namespace
}  // namespace meridian
