// `parse_uri` and `redact_uri`. Messages start with "uri: " so that a caller can put the path of the field in front.
//
// A URI holds a password, and a broken URI may hold it anywhere. So a part is quoted only when it certainly stands
// behind the credentials, or cannot be one: see `split`.
#include <meridian/options.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

#include <meridian/duration_text.hpp>

#include "core/server_text.hpp"
#include "core/validate.hpp"

namespace meridian {
namespace {

using core::quoted;

Unexpected wrong(const std::string& what) { return Unexpected(core::invalid("uri: " + what)); }

bool is_digit(char character) { return character >= '0' && character <= '9'; }

bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

// The text before "://", lower case, if it has the form of a scheme.
std::optional<std::string> scheme_of(std::string_view uri) {
  const std::size_t end = uri.find("://");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  std::string scheme(uri.substr(0, end));
  for (char& character : scheme) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
    const bool is_letter = character >= 'a' && character <= 'z';
    if (!is_letter && !is_digit(character) && character != '+' && character != '-' && character != '.') {
      return std::nullopt;
    }
  }
  return scheme;
}

template <std::size_t count>
bool is_one_of(const std::array<std::string_view, count>& schemes, std::string_view scheme) {
  return std::find(schemes.begin(), schemes.end(), scheme) != schemes.end();
}

constexpr std::array<std::string_view, 5> known_schemes = {"redis", "valkey", "rediss", "valkeys", "unix"};
constexpr std::array<std::string_view, 2> tls_schemes = {"rediss", "valkeys"};
constexpr std::array<std::string_view, 4> planned_schemes = {"redis+cluster", "valkey+cluster", "redis+sentinel",
                                                             "valkey+sentinel"};

int hex_value(char digit) {
  if (is_digit(digit)) return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// Nothing if a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());  // growing would leave parts of a password in freed memory
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

// The parts as written, still percent-encoded. Views into the URI.
struct Parts {
  std::string_view scheme;  // as written
  std::string known_scheme;
  std::optional<std::string_view> user_info;
  std::string_view host_port;
  std::string_view path;  // without its '/'
  std::string_view query;
};

Result<Parts> split(std::string_view uri) {
  const std::optional<std::string> scheme = scheme_of(uri);
  if (scheme && is_one_of(planned_schemes, *scheme))
    return wrong("scheme " + quoted(*scheme) + " is not supported yet by this version");
  if (!scheme || !is_one_of(known_schemes, *scheme)) {
    // Without "://" the beginning may be anything, a password included.
    return wrong(
        (scheme ? "scheme " + quoted(*scheme) : std::string("what stands before '://'")) +
        " is not known: must be redis, rediss, valkey, valkeys or unix, as in redis://user:password@host:6379/0");
  }
  Parts parts;
  parts.scheme = uri.substr(0, scheme->size());
  parts.known_scheme = *scheme;
  std::string_view rest = uri.substr(scheme->size() + 3);

  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(authority.size());
  // "redis://:pa/ss@host": what looks like a host is the beginning of a password.
  if (rest.find('@') != std::string_view::npos) {
    return wrong(
        "there is an '@' behind the host: in user, password and options '@', '/', '?' and '#' must be written "
        "as %40, %2F, %3F and %23");
  }
  if (rest.find('#') != std::string_view::npos) return wrong("a '#' must be written as %23");

  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) parts.user_info = authority.substr(0, at);
  parts.host_port = at == std::string_view::npos ? authority : authority.substr(at + 1);

  const std::size_t question = rest.find('?');
  if (question != std::string_view::npos) parts.query = rest.substr(question + 1);
  parts.path = rest.substr(0, question);
  if (!parts.path.empty()) parts.path.remove_prefix(1);
  return parts;
}

std::optional<Error> read_user_info(std::string_view text, ClientOptions& options) {
  const std::size_t colon = text.find(':');
  const std::optional<std::string> user = percent_decoded(text.substr(0, colon));
  if (!user) return core::invalid("uri: user: '%' must be followed by two hexadecimal digits");
  if (!user->empty()) options.user = *user;
  if (colon == std::string_view::npos) return std::nullopt;
  std::optional<std::string> password = percent_decoded(text.substr(colon + 1));
  if (!password) return core::invalid("uri: password: '%' must be followed by two hexadecimal digits");
  if (!password->empty()) options.password = Secret(*password);
  explicit_bzero(password->data(), password->size());
  return std::nullopt;
}

std::optional<Error> read_host_port(std::string_view text, Endpoint& endpoint) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.substr(0, 1) == "[") {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return core::invalid("uri: host: '[' has no ']'");
    host = text.substr(1, bracket - 1);
    const std::string_view rest = text.substr(bracket + 1);
    if (!rest.empty() && rest.front() != ':') return core::invalid("uri: host: only ':' and a port may follow ']'");
    if (!rest.empty()) port = rest.substr(1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (host.empty()) return core::invalid("uri: host is empty: must be a name or an address, as in redis://localhost");
  if (port) {
    if (port->find(':') != std::string_view::npos) {
      return core::invalid("uri: host and port have more than one ':': an IPv6 address stands in brackets");
    }
    // Somebody who forgot "@host" has a password here. One of digits only and so short is a mistyped port.
    if (!is_number(*port)) return core::invalid("uri: port is not a number: must be from 1 to 65535");
    constexpr std::size_t longest_shown = 5;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(port->data(), port->data() + port->size(), value);
    if (error != std::errc() || value < 1 || value > 65535) {
      const std::string shown = port->size() <= longest_shown ? std::string(*port) : "too long";
      return core::invalid("uri: port is " + shown + ": must be from 1 to 65535");
    }
    endpoint.port = static_cast<std::uint16_t>(value);
  }
  endpoint.host = host;
  return core::validate(endpoint, "uri");
}

// `text` is what stands where others have the host, `path` what follows, without its '/'.
std::optional<Error> read_socket_path(std::string_view text, std::string_view path, Endpoint& endpoint) {
  // Not quoted: it may be a password with "@" forgotten.
  if (!text.empty()) {
    return core::invalid("uri: a Unix socket has no host: must be written as unix:///path/of/the.sock");
  }
  const std::optional<std::string> decoded = percent_decoded(path);
  if (!decoded) return core::invalid("uri: path: '%' must be followed by two hexadecimal digits");
  if (decoded->empty())
    return core::invalid("uri: path is empty: must be that of a socket, as in unix:///run/redis.sock");
  endpoint.path = "/" + *decoded;
  return core::validate(endpoint, "uri");
}

std::optional<int> database_number(std::string_view text) {
  int number = 0;
  if (!is_number(text)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional<int>(number) : std::nullopt;
}

std::optional<Error> wrong_option(std::string_view name, std::string_view value, std::string_view rule) {
  return core::invalid("uri: option " + std::string(name) + " is " + quoted(value) + ": must be " + std::string(rule));
}

struct DurationOption {
  std::string_view name;
  Duration ClientOptions::*field;
};

constexpr DurationOption duration_options[] = {{"connect_timeout", &ClientOptions::connect_timeout},
                                               {"command_timeout", &ClientOptions::command_timeout},
                                               {"command_deadline", &ClientOptions::command_deadline},
                                               {"idle_ping", &ClientOptions::idle_ping}};

struct TlsTextOption {
  std::string_view name;
  std::string TlsOptions::*field;
};

constexpr TlsTextOption tls_options[] = {{"tls_ca_file", &TlsOptions::ca_file},
                                         {"tls_certificate_file", &TlsOptions::certificate_file},
                                         {"tls_key_file", &TlsOptions::key_file},
                                         {"tls_server_name", &TlsOptions::server_name}};

std::optional<Error> read_option(std::string_view name, const std::string& value, bool path_has_database,
                                 ClientOptions& options) {
  if (name == "protocol") {
    if (value != "2" && value != "3") return wrong_option(name, value, "2 or 3");
    options.protocol = value == "2" ? Protocol::resp2 : Protocol::resp3;
    return std::nullopt;
  }
  if (name == "client_name") {
    options.client_name = value;
    ClientOptions only_the_name;
    only_the_name.client_name = value;
    return core::validate(only_the_name, "uri");
  }
  if (name == "db") {
    const std::optional<int> number = database_number(value);
    if (!number) return wrong_option(name, value, "a database number, 0 or greater");
    if (path_has_database && options.database != *number) {
      return wrong_option(name, value, "the same as the path, which says " + std::to_string(options.database));
    }
    options.database = *number;
    return std::nullopt;
  }
  for (const DurationOption& option : duration_options) {
    if (name != option.name) continue;
    const std::optional<Duration> duration = parse_duration(value);
    if (!duration) return wrong_option(name, value, "a number and a unit (us, ms, s, m), as in 250ms");
    if (*duration <= Duration::zero()) return wrong_option(name, value, "greater than 0");
    options.*option.field = *duration;
    return std::nullopt;
  }
  for (const TlsTextOption& option : tls_options) {
    if (name != option.name) continue;
    // Somebody who writes it believes that the connection is safe.
    if (!options.tls.enabled)
      return core::invalid("uri: option " + std::string(name) +
                           " needs TLS: must be in a URI with rediss:// or valkeys://");
    if (value.empty()) return wrong_option(name, value, "not empty");
    options.tls.*option.field = value;
    return std::nullopt;
  }
  return core::invalid("uri: option " + quoted(name) +
                       " is not known: must be one of client_name, command_deadline, command_timeout, connect_timeout, "
                       "db, idle_ping, protocol, tls_ca_file, tls_certificate_file, tls_key_file, tls_server_name");
}

std::optional<Error> read_query(std::string_view query, bool path_has_database, ClientOptions& options) {
  std::vector<std::string_view> seen;
  while (!query.empty()) {
    const std::string_view option = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), option.size() + 1));
    const std::size_t equals = option.find('=');
    const std::string_view name = option.substr(0, equals);
    if (equals == std::string_view::npos) {
      return core::invalid("uri: option " + quoted(name) + " has no value: must be written as option=value");
    }
    const std::optional<std::string> value = percent_decoded(option.substr(equals + 1));
    if (!value) {
      return core::invalid("uri: option " + quoted(name) + ": '%' must be followed by two hexadecimal digits");
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      return core::invalid("uri: option " + quoted(name) + " is given twice");
    }
    seen.push_back(name);
    if (std::optional<Error> error = read_option(name, *value, path_has_database, options)) return error;
  }
  return std::nullopt;
}

}  // namespace

Result<Target> parse_uri(std::string_view uri, const ClientOptions& base) {
  const Result<Parts> parts = split(uri);
  if (!parts) return Unexpected(parts.error());
  Target target;
  target.options = base;
  const bool is_unix = parts->known_scheme == "unix";
  if (is_one_of(tls_schemes, parts->known_scheme)) target.options.tls.enabled = true;
  if (parts->user_info) {
    if (std::optional<Error> error = read_user_info(*parts->user_info, target.options)) return Unexpected(*error);
  }
  std::optional<Error> nowhere = is_unix ? read_socket_path(parts->host_port, parts->path, target.endpoint)
                                         : read_host_port(parts->host_port, target.endpoint);
  if (nowhere) return Unexpected(std::move(*nowhere));
  const bool path_has_database = !is_unix && !parts->path.empty();
  if (path_has_database) {
    const std::optional<int> number = database_number(parts->path);
    if (!number) {
      return wrong("database is " + quoted(parts->path) + ": must be a number, 0 or greater, as in redis://host/0");
    }
    target.options.database = *number;
  }
  if (std::optional<Error> error = read_query(parts->query, path_has_database, target.options)) {
    return Unexpected(*error);
  }
  return target;
}

std::string redact_uri(std::string_view uri) {
  const Result<Parts> parts = split(uri);
  // Not even the parts are shown of one that cannot be used: "redis://:secret" without "@host" has its password where
  // the port should be.
  if (!parts || !parse_uri(uri)) return "(unreadable URI)";
  std::string redacted(parts->scheme);
  redacted += "://";
  if (parts->user_info) {
    const std::size_t colon = parts->user_info->find(':');
    redacted += parts->user_info->substr(0, colon);
    redacted += colon == std::string_view::npos ? "@" : ":***@";
  }
  redacted += parts->host_port;
  if (!parts->path.empty()) {
    redacted += '/';
    redacted += parts->path;
  }
  return core::escape_server_text(redacted);
}

}  // namespace meridian
