// The commands on geographic positions. The server rounds positions to its grid, so these are compared within a metre,
// and in raw form by the harness.
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conformance/examples.hpp"

namespace meridian::conformance {

void flatten(const GeoPosition& value, Leaves& leaves) {
  leaves.add(value.longitude);
  leaves.add(value.latitude);
}

void flatten(const GeoMatch& value, Leaves& leaves) {
  leaves.add(value.member);
  if (value.distance) leaves.add(*value.distance);
  if (value.hash) leaves.add(*value.hash);
  if (value.position) flatten(*value.position, leaves);
}

namespace {

using Matches = std::vector<GeoMatch>;
using Positions = std::vector<std::optional<GeoPosition>>;

constexpr std::string_view sicily = "GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania";

bool is_near(const std::optional<GeoPosition>& position, double longitude, double latitude) {
  return position && std::abs(position->longitude - longitude) < 1e-5 && std::abs(position->latitude - latitude) < 1e-5;
}

void add_members(Examples& examples) {
  examples.add(
      {"GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania"},
      [](auto& c) {
        return c.geoadd("Sicily", {{"Palermo", {13.361389, 38.115556}}, {"Catania", {15.087269, 37.502669}}});
      },
      2);
  examples.add(
      {"GEOADD Sicily 1 2 Catania", {sicily}},
      [](auto& c) {
        return c.geoadd("Sicily", std::map<std::string, GeoPosition>{{"Catania", {1, 2}}});
      },
      0);
  examples.add(
      {"GEOADD Sicily NX 1 2 Catania 3 4 Agrigento", {sicily}},
      [](auto& c) {
        return c.geoadd("Sicily", {{"Catania", {1, 2}}, {"Agrigento", {3, 4}}}, {.nx = true});
      },
      1);
  examples.add(
      {"GEOADD Sicily XX CH 1 2 Catania 3 4 Agrigento", {sicily}},
      [](auto& c) {
        return c.geoadd("Sicily", {{"Catania", {1, 2}}, {"Agrigento", {3, 4}}}, {.xx = true, .ch = true});
      },
      1);
  examples.add(
      {"GEODIST Sicily Palermo Catania m", {sicily}}, [](auto& c) { return c.geodist("Sicily", "Palermo", "Catania"); },
      std::optional(166274.1516));
  examples.add(
      {"GEODIST Sicily Palermo Catania km", {sicily}},
      [](auto& c) { return c.geodist("Sicily", "Palermo", "Catania", GeoUnit::km); }, std::optional(166.2742));
  examples.add(
      {"GEODIST Sicily Palermo Catania mi", {sicily}},
      [](auto& c) { return c.geodist("Sicily", "Palermo", "Catania", GeoUnit::mi); }, std::optional(103.3182));
  examples.add(
      {"GEODIST Sicily Palermo Catania ft", {sicily}},
      [](auto& c) { return c.geodist("Sicily", "Palermo", "Catania", GeoUnit::ft); },
      [](const std::optional<double>& feet) { return feet && std::abs(*feet - 545518.87) < 0.01; });
  examples.add(
      {"GEODIST Sicily Palermo Roma m", {sicily}}, [](auto& c) { return c.geodist("Sicily", "Palermo", "Roma"); },
      std::optional<double>());
  examples.add(
      {"GEOHASH Sicily Palermo Roma Catania", {sicily}},
      [](auto& c) {
        return c.geohash("Sicily", {"Palermo", "Roma", "Catania"});
      },
      std::vector<std::optional<std::string>>{"sqc8b49rny0", std::nullopt, "sqdtr74hyu0"});
  examples.add(
      {"GEOPOS Sicily Palermo Roma", {sicily}},
      [](auto& c) {
        return c.geopos("Sicily", {"Palermo", "Roma"});
      },
      [](const Positions& positions) {
        return positions.size() == 2 && is_near(positions[0], 13.361389, 38.115556) && !positions[1];
      });
}

void add_searches(Examples& examples) {
  examples.add(
      {"GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 200 km ASC", {sicily}},
      [](auto& c) {
        return c.geosearch("Sicily", "Palermo", GeoArea::radius(200, GeoUnit::km), {.order = GeoOrder::asc});
      },
      Matches{{"Palermo"}, {"Catania"}});
  examples.add(
      {"GEOSEARCH Sicily FROMLONLAT 15 37 BYBOX 400 300 km DESC COUNT 1", {sicily}},
      [](auto& c) {
        return c.geosearch("Sicily", GeoPosition{15, 37}, GeoArea::box(400, 300, GeoUnit::km),
                           {.order = GeoOrder::desc, .count = 1});
      },
      Matches{{"Palermo"}});
  examples.add(
      {"GEOSEARCH Sicily FROMMEMBER Catania BYRADIUS 10 m COUNT 5 ANY", {sicily}},
      [](auto& c) { return c.geosearch("Sicily", "Catania", GeoArea::radius(10), {.count = 5, .any = true}); },
      Matches{{"Catania"}});
  examples.add(
      {"GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 100 km WITHCOORD WITHDIST WITHHASH", {sicily}},
      [](auto& c) {
        return c.geosearch("Sicily", GeoPosition{15, 37}, GeoArea::radius(100, GeoUnit::km),
                           {.withcoord = true, .withdist = true, .withhash = true});
      },
      [](const Matches& matches) {
        return matches.size() == 1 && matches[0].member == "Catania" && matches[0].distance == 56.4413 &&
               matches[0].hash == 3479447370796909 && is_near(matches[0].position, 15.087269, 37.502669);
      });
  examples.add(
      {"GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 1 ft WITHDIST", {sicily}},
      [](auto& c) { return c.geosearch("Sicily", "Palermo", GeoArea::radius(1, GeoUnit::ft), {.withdist = true}); },
      Matches{{.member = "Palermo", .distance = 0}});
  examples.add(
      {"GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 1 mi WITHHASH", {sicily}},
      [](auto& c) { return c.geosearch("Sicily", "Palermo", GeoArea::radius(1, GeoUnit::mi), {.withhash = true}); },
      Matches{{.member = "Palermo", .hash = 3479099956230698}});
  examples.add(
      {"GEOSEARCH none FROMLONLAT 0 0 BYRADIUS 1 m"},
      [](auto& c) {
        return c.geosearch("none", GeoPosition{0, 0}, GeoArea::radius(1));
      },
      Matches{});
  examples.add(
      {"GEOSEARCHSTORE d Sicily FROMMEMBER Palermo BYRADIUS 200 km", {sicily}},
      [](auto& c) { return c.geosearchstore("d", "Sicily", "Palermo", GeoArea::radius(200, GeoUnit::km)); }, 2);
  examples.add(
      {"GEOSEARCHSTORE Sicily Sicily FROMLONLAT 15 37 BYBOX 400 400 km ASC COUNT 1 ANY STOREDIST", {sicily}},
      [](auto& c) {
        return c.geosearchstore("Sicily", "Sicily", GeoPosition{15, 37}, GeoArea::box(400, 400, GeoUnit::km),
                                {.order = GeoOrder::asc, .count = 1, .any = true, .storedist = true});
      },
      1);
}

}  // namespace

void add_geo_examples(Examples& examples) {
  add_members(examples);
  add_searches(examples);
}

}  // namespace meridian::conformance
