// The one table of all options. A field without a line here fails tests/unit/config.
#include "components/config/file_credentials.hpp"
#include "components/config/option.hpp"
#include "components/config/values.hpp"

namespace meridian::config {
namespace {

template <class Struct, class Field>
Struct struct_of(Field Struct::*);
template <class Struct, class Field>
Field field_of(Field Struct::*);

template <auto member>
auto option(std::string_view name, std::string_view range, std::string_view meaning) {
  using Struct = decltype(struct_of(member));
  using Values = Value<decltype(field_of(member))>;
  return Option<Struct>{
      .name = name,
      .type = Values::type(),
      .range = range,
      .meaning = meaning,
      .shown = [](const Struct& all) { return Values::shown(all.*member); },
      .read = [](Struct& all, const Node& node, Reading& reading) { Values::read(all.*member, node, reading); },
      .same = [](const Struct& a, const Struct& b) { return Values::same(a.*member, b.*member); },
      .copy = [](Struct& to, const Struct& from) { to.*member = from.*member; }};
}

// What only a program can give: objects and functions.
template <auto member>
auto in_code(std::string_view name, std::string_view meaning) {
  using Struct = decltype(struct_of(member));
  using Field = decltype(field_of(member));
  Option<Struct> result{.name = name, .meaning = meaning};
  result.shown = [](const Struct& all) -> std::string { return all.*member == Field{} ? "none" : "given"; };
  result.same = [](const Struct& a, const Struct& b) { return a.*member == b.*member; };
  result.copy = [](Struct& to, const Struct& from) { to.*member = from.*member; };
  return result;
}

// The same for what cannot be compared.
template <auto member>
auto apart(std::string_view name, std::string_view meaning) {
  using Struct = decltype(struct_of(member));
  Option<Struct> result{.name = name, .meaning = meaning};
  result.shown = [](const Struct& all) -> std::string { return (all.*member).empty() ? "none" : "given"; };
  result.same = [](const Struct&, const Struct&) { return true; };
  result.copy = [](Struct& to, const Struct& from) { to.*member = from.*member; };
  return result;
}

template <class Struct>
Option<Struct> changing(Changes changes, Option<Struct> option) {
  option.changes = changes;
  return option;
}

template <class Struct>
Option<Struct> at_once(const Option<Struct>& option) {
  return changing(Changes::at_once, option);
}

template <class Struct>
Option<Struct> not_in_files(const Option<Struct>& option) {
  return changing(Changes::not_in_files, option);
}

}  // namespace

template <>
std::span<const Option<MultiDbConfig>> options_of() {
  using C = MultiDbConfig;
  static const Option<C> table[] = {
      changing(Changes::one_by_one,
               apart<&C::databases>("databases", "At least one; in a file a `[[database]]` table for each.")),
      at_once(option<&C::command_retry>(
          "command_retry", "",
          "How often and when a call that may have run is sent again; what certainly did not run is repeated until the "
          "deadline.")),
      at_once(option<&C::repeat_up_to>("repeat_up_to", "",
                                       "The highest repeat grade that is sent again when in doubt; `accumulate` gives "
                                       "the at-least-once behaviour of other clients.")),
      at_once(option<&C::retry_budget>("retry_budget", "",
                                       "What repetitions of calls that were sent may cost; beyond, a call ends with "
                                       "the error of its last attempt.")),
      at_once(option<&C::command_deadline>("command_deadline", "> 0",
                                           "The whole call: queueing, connecting, repetitions, failover.")),
      at_once(option<&C::when_unavailable>(
          "when_unavailable", "", "While no database is usable a call fails within 10 ms, or waits for its deadline.")),
      in_code<&C::runtime>("runtime", "Whose threads do the I/O; none: those that all clients share."),

      at_once(option<&C::failures_detection_window>("failures_detection_window", "> 0",
                                                    "The sliding window of the next two (DET-1).")),
      at_once(option<&C::min_num_failures>("min_num_failures", "0: this half off",
                                           "So many failures within the window, and")),
      at_once(option<&C::failure_rate_threshold>("failure_rate_threshold", "0 … 1; 0: this half off",
                                                 "this share of the attempts, open the breaker; both inclusive.")),
      at_once(option<&C::consecutive_failures>("consecutive_failures", "0: off",
                                               "So many failures in a row open the breaker.")),
      at_once(option<&C::sustained_failures>("sustained_failures", "",
                                             "Opens the breaker for storms and heavy loss that never reach the window "
                                             "rule.")),
      at_once(option<&C::slow_call_threshold>("slow_call_threshold", "> 0",
                                              "A call that took longer is slow; not set: none is.")),
      at_once(option<&C::slow_call_rate>("slow_call_rate", "> 0, ≤ 1", "This share of slow calls opens the breaker.")),
      in_code<&C::failure_detectors>("failure_detectors", "More judges of the traffic, beside the rules above."),

      at_once(option<&C::suspicion_after>("suspicion_after", "> 0",
                                          "Silence on a connection that owes replies, before an extra probe is sent "
                                          "(DET-5); for connections opened from then on.")),
      at_once(option<&C::suspicion_probe_timeout>(
          "suspicion_probe_timeout", "> 0", "For each such probe; at least 4 × the usual round trip is allowed.")),
      at_once(option<&C::suspicion_probes>("suspicion_probes", "≥ 1",
                                           "So many unanswered in a row make the database unhealthy.")),

      option<&C::health_checks>("health_checks", "",
                                "Several run side by side and all must pass; none: traffic alone decides (HC-8)."),
      at_once(option<&C::health_check_interval>("health_check_interval", "> 0", "Between rounds, ± 10 %.")),
      at_once(option<&C::health_check_probes>("health_check_probes", "≥ 1", "Per check and round.")),
      at_once(option<&C::health_check_probes_delay>("health_check_probes_delay", "≥ 0", "Between probes.")),
      at_once(option<&C::health_check_timeout>("health_check_timeout", "> delay × (probes − 1)",
                                               "The whole check; each probe has its share.")),
      at_once(option<&C::health_check_policy>("health_check_policy", "",
                                              "How many probes must pass; it stops as soon as that is decided.")),
      option<&C::initial_health_check_policy>("initial_health_check_policy", "",
                                              "How many databases must be healthy before the client starts."),

      at_once(in_code<&C::failover_strategy>("failover_strategy",
                                             "Picks the target of a failover; none: the heaviest that is usable.")),
      at_once(option<&C::failover_attempts>("failover_attempts", "≥ 1",
                                            "Times `failover_delay`: how long errors say \"temporarily\" while nothing "
                                            "is usable.")),
      at_once(option<&C::failover_delay>("failover_delay", "> 0", "See `failover_attempts`.")),
      at_once(option<&C::auto_fallback_interval>("auto_fallback_interval", "≤ 0: no failback",
                                                 "Between looks for a heavier database that is well, ± 10 % jitter.")),
      at_once(option<&C::failback>("failback", "",
                                   "How traffic goes home: all at once, single reads first, or a growing share of the "
                                   "callers.")),
      at_once(option<&C::failback_stage>("failback_stage", "> 0",
                                         "Of reads first, and of each step of a ramp, ± 10 % jitter.")),
      at_once(option<&C::failback_ramp>("failback_ramp", "1 … 99, growing", "The percentage of callers at each step.")),
      at_once(option<&C::drain>("drain", "≥ 0",
                                "At failback, a switch by hand and a removal: how long replies that the old database "
                                "owes are awaited.")),
      option<&C::cache>("cache", "",
                        "Set: replies are kept until the server says that a key has changed (RESP3), and dropped at "
                        "every switch."),
      apart<&C::event_listeners>("event_listeners", "Attached before the first check runs; `on_event` adds more."),
  };
  return table;
}

template <>
std::span<const Option<DatabaseConfig>> options_of() {
  using C = DatabaseConfig;
  static const Option<C> table[] = {
      option<&C::uri>("uri", "",
                      "`redis://`, `rediss://`, `unix://` with user, password, database number and options; or"),
      option<&C::endpoint>("endpoint", "", "host and port, or the path of a Unix socket."),
      [] {
        // Its keys stand among those of the database.
        Option<C> options{.name = "options",
                          .meaning = "`ClientOptions`; in a file its keys stand in `[[database]]`.",
                          .changes = Changes::not_in_files};
        options.shown = [](const C& all) { return Value<ClientOptions>::shown(all.options); };
        options.same = [](const C& a, const C& b) { return Value<ClientOptions>::same(a.options, b.options); };
        options.copy = [](C& to, const C& from) { to.options = from.options; };
        return options;
      }(),
      option<&C::name>("name", "unique",
                       "How events, errors and metrics call it; empty: the redacted URI, or host:port."),
      at_once(option<&C::weight>("weight", "> 0, finite",
                                 "Priority, higher first; never a share of load; ties go to the earlier.")),
      option<&C::grace_period>("grace_period", "≥ 0", "How long it stays out after a failover away from it."),
      option<&C::health_checks>("health_checks", "", "Instead of the client's; an empty list: no checks."),
      option<&C::circuit_breaker>("circuit_breaker", "", "Instead of the client's fields of the same names."),
  };
  return table;
}

template <>
std::span<const Option<ClientOptions>> options_of() {
  using C = ClientOptions;
  static const Option<C> table[] = {
      not_in_files(in_code<&C::runtime>("runtime", "Whose threads do the I/O of a plain `Client`.")),
      option<&C::user>("user", "", "ACL user; empty: the default user."),
      option<&C::password>("password", "", "Sent with AUTH or HELLO; in a file better `password_file`."),
      [] {
        Option<C> credentials = in_code<&C::credentials>(
            "credentials", "Asked for user and password at each connect, instead of the two above.");
        credentials.same = [](const C& a, const C& b) { return same_credentials(a.credentials, b.credentials); };
        return credentials;
      }(),
      option<&C::database>("database", "≥ 0", "Database number for SELECT."),
      option<&C::client_name>("client_name", "no spaces", "For CLIENT SETNAME; empty: none."),
      option<&C::protocol>("protocol", "", "RESP3 with a fallback to RESP2, or one of them."),
      option<&C::connect_timeout>("connect_timeout", "> 0", "Resolve, connect, TLS and handshake."),
      option<&C::command_timeout>("command_timeout", "> 0",
                                  "One attempt of a command; blocking commands add their own timeout."),
      not_in_files(option<&C::command_deadline>("command_deadline", "> 0", "The whole call of a plain `Client`.")),
      option<&C::tcp_user_timeout>("tcp_user_timeout", "> 0", "TCP_USER_TIMEOUT; not set: 2 × `command_timeout`."),
      option<&C::keepalive>("keepalive", "", "TCP keepalive."),
      option<&C::dedicated_connections>("dedicated_connections", "1 … 10000",
                                        "The most connections for blocking commands and watched transactions."),
      option<&C::connections>("connections", "1 … 64",
                              "The most connections for commands; a few threads get one each, many share one."),
      not_in_files(option<&C::cache>("cache", "", "Cached replies of a plain `Client`.")),
      option<&C::tls>("tls", "", "TLS; `rediss://` turns it on."),
      option<&C::max_queued>("max_queued", "≥ 1", "Commands that may wait for a connection; beyond: an error at once."),
      option<&C::max_queued_bytes>("max_queued_bytes", "≥ 1", "The same in bytes."),
      option<&C::reconnect>("reconnect", "not none", "Waits between attempts to reconnect; never gives up."),
      option<&C::idle_ping>("idle_ping", "> 0",
                            "A PING on a connection that was silent for so long; no answer is suspicion (DET-6)."),
      not_in_files(option<&C::command_retry>("command_retry", "", "Of a plain `Client`.")),
      not_in_files(option<&C::repeat_up_to>("repeat_up_to", "", "Of a plain `Client`.")),
      not_in_files(option<&C::retry_budget>("retry_budget", "", "Of a plain `Client`.")),
      option<&C::limits>("limits", "", "What a server may send before the connection is closed."),
  };
  return table;
}

template <>
std::span<const Option<CircuitBreakerOptions>> options_of() {
  using C = CircuitBreakerOptions;
  static const Option<C> table[] = {
      option<&C::failures_detection_window>("failures_detection_window", "> 0",
                                            "The sliding window of the next two (DET-1)."),
      option<&C::min_num_failures>("min_num_failures", "0: this half off", "So many failures within the window, and"),
      option<&C::failure_rate_threshold>("failure_rate_threshold", "0 … 1; 0: this half off",
                                         "this share of the attempts, open the breaker; both inclusive."),
      option<&C::consecutive_failures>("consecutive_failures", "0: off", "So many failures in a row open the breaker."),
      option<&C::sustained_failures>("sustained_failures", "", "For storms that never reach the window rule."),
      option<&C::slow_call_threshold>("slow_call_threshold", "> 0",
                                      "A call that took longer is slow; not set: none is."),
      option<&C::slow_call_rate>(
          "slow_call_rate", "> 0, ≤ 1",
          "This share of slow calls, over the window of `sustained_failures`, opens the breaker."),
      option<&C::trials>("trials", "not none", "The waits between trials of an open breaker, once its grace is over."),
  };
  return table;
}

template <>
std::span<const Option<SustainedFailures>> options_of() {
  using C = SustainedFailures;
  static const Option<C> table[] = {
      option<&C::rate>("rate", "0 … 1; 0: off", "At least this share failed,"),
      option<&C::min_attempts>("min_attempts", "≥ 1", "of at least so many attempts, or connections,"),
      option<&C::window>("window", "> 0", "all of this window long."),
  };
  return table;
}

template <>
std::span<const Option<RetryPolicy>> options_of() {
  using C = RetryPolicy;
  static const Option<C> table[] = {
      option<&C::retries>("retries", "≥ 0", "How often a call that is in doubt is sent again."),
      option<&C::backoff>("backoff", "", "The waits between."),
      in_code<&C::rule>("rule", "Decides instead."),
  };
  return table;
}

template <>
std::span<const Option<Backoff>> options_of() {
  using C = Backoff;
  static const Option<C> table[] = {
      option<&C::kind>("kind", "", "No wait, always `base`, n × `base`, doubling from `base`, or what `steps` says."),
      option<&C::base>("base", "> 0", "The first wait."),
      option<&C::cap>("cap", "≥ `base`", "No wait is longer."),
      option<&C::full_jitter>("full_jitter", "", "Each wait is drawn from (0, wait]."),
      option<&C::steps>("steps", "> 0 each", "Of kind `steps`: one after the other; the last stays."),
  };
  return table;
}

template <>
std::span<const Option<RetryBudget>> options_of() {
  using C = RetryBudget;
  static const Option<C> table[] = {
      option<&C::share>("share", "0 … 10", "So many repetitions for each attempt that is none,"),
      option<&C::per_second>("per_second", "≥ 0", "and so many a second beside."),
  };
  return table;
}

template <>
std::span<const Option<CacheOptions>> options_of() {
  using C = CacheOptions;
  static const Option<C> table[] = {
      option<&C::max_entries>("max_entries", "≥ 1", "Beyond, what was not used for longest goes."),
      option<&C::max_bytes>("max_bytes", "≥ 1", "The same in bytes."),
      option<&C::max_age>("max_age", "> 0", "Not set: as long as the connection that would tell of changes is there."),
  };
  return table;
}

template <>
std::span<const Option<TlsOptions>> options_of() {
  using C = TlsOptions;
  static const Option<C> table[] = {
      option<&C::enabled>("enabled", "", "Set by `rediss://`; any other field needs it."),
      option<&C::server_name>("server_name", "",
                              "The name that the certificate must be for, and SNI; empty: the host."),
      option<&C::ca_file>("ca_file", "", "Who may sign the server's certificate; without these three: the system's."),
      option<&C::ca_folder>("ca_folder", "", "A folder of such files."),
      option<&C::ca_pem>("ca_pem", "", "The certificates themselves."),
      option<&C::certificate_file>("certificate_file", "", "The client's certificate, with its chain;"),
      option<&C::certificate_pem>("certificate_pem", "", "or as text."),
      option<&C::key_file>("key_file", "", "Its key;"),
      option<&C::key_pem>("key_pem", "", "or as text."),
      option<&C::key_passphrase>("key_passphrase", "", "For a key that is encrypted."),
      option<&C::min_version>("min_version", "", "The oldest version that is spoken."),
      option<&C::cipher_list>("cipher_list", "", "For TLS 1.2, in OpenSSL's notation; empty: its defaults."),
      option<&C::cipher_suites>("cipher_suites", "", "For TLS 1.3."),
      option<&C::insecure_skip_hostname_check>(
          "insecure_skip_hostname_check", "",
          "Accepts a certificate for another name: whoever has any of a trusted CA can be the server."),
      option<&C::insecure_skip_verification>(
          "insecure_skip_verification", "",
          "Accepts any certificate: whoever is on the way can read the password and every command."),
  };
  return table;
}

template <>
std::span<const Option<Endpoint>> options_of() {
  using C = Endpoint;
  static const Option<C> table[] = {
      option<&C::host>("host", "", "Name, IPv4 or IPv6 address (without brackets)."),
      option<&C::port>("port", "≥ 1", "TCP port."),
      option<&C::path>("path", "absolute", "Of a Unix socket; if set, the two above do not count."),
  };
  return table;
}

template <>
std::span<const Option<Keepalive>> options_of() {
  using C = Keepalive;
  static const Option<C> table[] = {
      option<&C::idle>("idle", "0: off", "Silence before the first probe."),
      option<&C::interval>("interval", "> 0", "Between probes."),
      option<&C::count>("count", "≥ 1", "Unanswered probes that end the connection."),
  };
  return table;
}

template <>
std::span<const Option<ReplyLimits>> options_of() {
  using C = ReplyLimits;
  static const Option<C> table[] = {
      option<&C::depth>("depth", "1 … 128", "Nested aggregates."),
      option<&C::elements_per_aggregate>("elements_per_aggregate", "≥ 1", "Of one array, set or map."),
      option<&C::elements_per_reply>("elements_per_reply", "≥ 1", "Of all of them in a reply."),
      option<&C::bulk_bytes>("bulk_bytes", "≥ 1", "Of one text."),
      option<&C::line_bytes>("line_bytes", "≥ 1", "Of a line of the protocol."),
  };
  return table;
}

}  // namespace meridian::config
