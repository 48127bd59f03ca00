/// \file
/// Commands on geographic positions, which the server keeps as the scores of a sorted set. The builders are in
/// `meridian::cmd`; `GeoCommands` has the same as methods.
///
/// GEORADIUS and GEORADIUSBYMEMBER have no builder: since Redis 6.2 `geosearch` does what they do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/commands/arguments.hpp>
#include <meridian/commands/sorted_sets.hpp>
#include <meridian/decode.hpp>

namespace meridian {

/// A point on the earth, in degrees (WGS 84). The server takes latitudes of ±85.05112878° and keeps all to within 60
/// cm.
struct GeoPosition {
  double longitude = 0;
  double latitude = 0;

  /// Adds it to a command.
  void append_to(RequestBuilder& builder) const { builder.arg(longitude).arg(latitude); }
  friend bool operator==(const GeoPosition&, const GeoPosition&) = default;
};

/// Members with their positions: `{{"Palermo", {13.361389, 38.115556}}}`, or any range of such pairs.
using GeoArgs = MemberArgs<GeoPosition>;

/// The units of distances.
enum class GeoUnit {
  m,   ///< Metres.
  km,  ///< Kilometres.
  mi,  ///< Miles.
  ft,  ///< Feet.
};

/// Options of GEOADD. The server refuses contradictions.
struct GeoAddOptions {
  bool nx = false;  ///< Only adds, never moves a member.
  bool xx = false;  ///< Only moves members, never adds.
  bool ch = false;  ///< Counts the moved members, too, not only the added ones.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    if (nx) builder.arg("NX");
    if (xx) builder.arg("XX");
    if (ch) builder.arg("CH");
  }
};

namespace detail {

[[nodiscard]] constexpr std::string_view to_text(GeoUnit unit) noexcept {
  switch (unit) {
    case GeoUnit::m: return "m";
    case GeoUnit::km: return "km";
    case GeoUnit::mi: return "mi";
    case GeoUnit::ft: return "ft";
  }
  return "m";
}

}  // namespace detail

/// Where a search begins: a member of the set, or a position. Looks only.
class GeoCentre {
 public:
  template <detail::Text T>
  GeoCentre(const T& member) : member_(member) {}           // NOLINT(google-explicit-constructor)
  GeoCentre(GeoPosition position) : position_(position) {}  // NOLINT(google-explicit-constructor)

  /// Adds it to a command.
  void append_to(RequestBuilder& builder) const {
    if (position_) position_->append_to(builder.arg("FROMLONLAT"));
    else builder.arg("FROMMEMBER").arg(member_);
  }

 private:
  std::string_view member_;
  std::optional<GeoPosition> position_;
};

/// What a search covers: `GeoArea::radius(200, GeoUnit::km)`, or a box of that width and height around the centre.
class GeoArea {
 public:
  [[nodiscard]] static GeoArea radius(double radius, GeoUnit unit = GeoUnit::m) noexcept { return {radius, {}, unit}; }
  [[nodiscard]] static GeoArea box(double width, double height, GeoUnit unit = GeoUnit::m) noexcept {
    return {width, height, unit};
  }

  /// Adds it to a command.
  void append_to(RequestBuilder& builder) const {
    if (height_) builder.arg("BYBOX").arg(width_).arg(*height_);
    else builder.arg("BYRADIUS").arg(width_);
    builder.arg(detail::to_text(unit_));
  }

 private:
  GeoArea(double width, std::optional<double> height, GeoUnit unit) noexcept
      : width_(width), height_(height), unit_(unit) {}
  double width_;
  std::optional<double> height_;
  GeoUnit unit_;
};

/// The order of what a search finds, by the distance from its centre.
enum class GeoOrder {
  asc,   ///< The nearest first.
  desc,  ///< The farthest first.
};

namespace detail {

/// What GEOSEARCH and GEOSEARCHSTORE have in common.
struct GeoSelection {
  std::optional<GeoOrder> order;
  std::optional<std::int64_t> count;
  bool any;

  void append_to(RequestBuilder& builder) const {
    if (order) builder.arg(*order == GeoOrder::asc ? "ASC" : "DESC");
    if (count) builder.arg("COUNT").arg(*count);
    if (any) builder.arg("ANY");
  }
};

}  // namespace detail

/// Options of GEOSEARCH: `{.order = GeoOrder::asc, .count = 10, .withdist = true}`.
struct GeoSearchOptions {
  std::optional<GeoOrder> order{};      ///< In no order, if nothing is said; with `count` alone, the nearest first.
  std::optional<std::int64_t> count{};  ///< The nearest so many (the farthest, with `desc`), > 0.
  bool any = false;                     ///< With `count`: the first so many that are found, instead of the nearest.
  bool withcoord = false;               ///< Answers the positions, too,
  bool withdist = false;                ///< and the distances from the centre, in the unit of the area,
  bool withhash = false;                ///< and the scores: positions as 52-bit geohashes.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    detail::GeoSelection{order, count, any}.append_to(builder);
    if (withcoord) builder.arg("WITHCOORD");
    if (withdist) builder.arg("WITHDIST");
    if (withhash) builder.arg("WITHHASH");
  }
};

/// Options of GEOSEARCHSTORE.
struct GeoSearchStoreOptions {
  std::optional<GeoOrder> order{};      ///< Of which `count` takes the first.
  std::optional<std::int64_t> count{};  ///< The nearest so many (the farthest, with `desc`), > 0.
  bool any = false;                     ///< With `count`: the first so many that are found, instead of the nearest.
  bool storedist = false;               ///< Stores distances in the unit of the area, instead of positions.

  /// Adds them to a command.
  void append_to(RequestBuilder& builder) const {
    detail::GeoSelection{order, count, any}.append_to(builder);
    if (storedist) builder.arg("STOREDIST");
  }
};

/// A member that a search found, with what the options asked for.
struct GeoMatch {
  std::string member{};
  std::optional<double> distance{};       ///< With `withdist`.
  std::optional<std::int64_t> hash{};     ///< With `withhash`.
  std::optional<GeoPosition> position{};  ///< With `withcoord`.
  friend bool operator==(const GeoMatch&, const GeoMatch&) = default;
};

namespace detail {

/// Positions; null is nullopt.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<std::optional<GeoPosition>>> decode_geo_positions(ReplyView reply);
/// Members, or arrays of a member and what was asked for.
[[nodiscard]] MERIDIAN_EXPORT Result<std::vector<GeoMatch>> decode_geo_matches(ReplyView reply);

}  // namespace detail

namespace cmd {

/// Adds members, or moves them: `geoadd("Sicily", {{"Palermo", {13.361389, 38.115556}}})`. Answers how many of them are
/// new; with `ch` the moved ones count, too.
/// https://redis.io/docs/latest/commands/geoadd/
[[nodiscard]] inline Command<std::int64_t> geoadd(std::string_view key, const GeoArgs& members,
                                                  const GeoAddOptions& options = {}) {
  const CommandTraits traits = options.nx || options.xx ? detail::conditional : detail::overwrite;
  return {{"GEOADD", traits, detail::Key{key}, options, members}, decode<std::int64_t>};
}

/// The distance between two members in `unit`; nullopt if one of them is not there.
/// https://redis.io/docs/latest/commands/geodist/
[[nodiscard]] inline Command<std::optional<double>> geodist(std::string_view key, std::string_view one,
                                                            std::string_view other, GeoUnit unit = GeoUnit::m) {
  return {{"GEODIST", detail::read_only, detail::Key{key}, one, other, detail::to_text(unit)},
          decode<std::optional<double>>};
}

/// The positions of members as geohashes of 11 characters (geohash.org), in their order; nullopt for a missing one.
/// https://redis.io/docs/latest/commands/geohash/
[[nodiscard]] inline Command<std::vector<std::optional<std::string>>> geohash(std::string_view key,
                                                                              const StringArgs& members) {
  return {{"GEOHASH", detail::read_only, detail::Key{key}, members}, decode<std::vector<std::optional<std::string>>>};
}

/// The positions of members, in their order; nullopt for a missing one.
/// https://redis.io/docs/latest/commands/geopos/
[[nodiscard]] inline Command<std::vector<std::optional<GeoPosition>>> geopos(std::string_view key,
                                                                             const StringArgs& members) {
  return {{"GEOPOS", detail::read_only, detail::Key{key}, members}, detail::decode_geo_positions};
}

/// The members in `area` around `centre`: `geosearch("Sicily", "Palermo", GeoArea::radius(200, GeoUnit::km))`,
/// `geosearch("Sicily", GeoPosition{15, 37}, GeoArea::box(400, 400, GeoUnit::km), {.withdist = true})`.
/// https://redis.io/docs/latest/commands/geosearch/
[[nodiscard]] inline Command<std::vector<GeoMatch>> geosearch(std::string_view key, const GeoCentre& centre,
                                                              const GeoArea& area,
                                                              const GeoSearchOptions& options = {}) {
  return {{"GEOSEARCH", detail::read_only, detail::Key{key}, centre, area, options}, detail::decode_geo_matches};
}

/// Stores the members that `geosearch` finds as `destination`, which it replaces; answers how many that are.
/// https://redis.io/docs/latest/commands/geosearchstore/
[[nodiscard]] inline Command<std::int64_t> geosearchstore(std::string_view destination, std::string_view key,
                                                          const GeoCentre& centre, const GeoArea& area,
                                                          const GeoSearchStoreOptions& options = {}) {
  return {{"GEOSEARCHSTORE", detail::stored(destination, key), detail::Destination{destination}, detail::Key{key},
           centre, area, options},
          decode<std::int64_t>};
}

}  // namespace cmd

/// The commands on geographic positions as methods: each runs what the builder of the same name in `cmd` makes.
template <class Derived>
class GeoCommands {
 public:
  auto geoadd(std::string_view key, const GeoArgs& members, const GeoAddOptions& options = {}) {
    return self().run(cmd::geoadd(key, members, options));
  }
  auto geodist(std::string_view key, std::string_view one, std::string_view other, GeoUnit unit = GeoUnit::m) {
    return self().run(cmd::geodist(key, one, other, unit));
  }
  auto geohash(std::string_view key, const StringArgs& members) { return self().run(cmd::geohash(key, members)); }
  auto geopos(std::string_view key, const StringArgs& members) { return self().run(cmd::geopos(key, members)); }
  auto geosearch(std::string_view key, const GeoCentre& centre, const GeoArea& area,
                 const GeoSearchOptions& options = {}) {
    return self().run(cmd::geosearch(key, centre, area, options));
  }
  auto geosearchstore(std::string_view destination, std::string_view key, const GeoCentre& centre, const GeoArea& area,
                      const GeoSearchStoreOptions& options = {}) {
    return self().run(cmd::geosearchstore(destination, key, centre, area, options));
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace meridian
