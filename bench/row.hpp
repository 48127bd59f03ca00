// What is measured: one row is one workload with one operation, value size and placement, done by every client.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::bench {

// How operations are given to a client.
enum class Shape {
  sync,      // `width` threads, each waiting for its operation
  async,     // `width` operations in flight, each completion issuing the next
  pipeline,  // batches of `width`, one after the other
};

// What Meridian does with a value that it has read, where it waits for it.
enum class Values {
  kept,     // puts it into memory that is used again and again: a string of the caller's, or a pipeline's views
  strings,  // gives it as a std::string of its own
};

// Which of Meridian's clients takes part.
enum class Via {
  client,    // Client over TCP
  multi_db,  // MultiDbClient over two databases; Client takes part for comparison
  tls,       // Client over TLS; the yardsticks stay on plain TCP
};

enum class Operation { get, set };

enum class Placement {
  one,   // client and server on the same core
  free,  // the server on one core, the client on all
};

struct Row {
  Via via = Via::client;
  Shape shape = Shape::sync;
  Values values = Values::kept;
  std::size_t width = 1;
  Operation operation = Operation::get;
  std::size_t bytes = 16;
  Placement placement = Placement::one;

  // "sync-32", "multidb-async-512", "tls-sync-1", "pipeline-strings-64".
  [[nodiscard]] std::string workload() const;
  // "sync-32/GET/16/one": what --filter is matched against.
  [[nodiscard]] std::string name() const;

  friend bool operator==(const Row&, const Row&) = default;
};

[[nodiscard]] std::string_view to_string(Operation operation) noexcept;
[[nodiscard]] std::string_view to_string(Placement placement) noexcept;

// Reads what `name()` writes; nullopt if it is something else.
[[nodiscard]] std::optional<Row> parse_row(std::string_view name);

// Every row of the full run, those over TLS at the end.
[[nodiscard]] std::vector<Row> all_rows();
// A few, for a check that the tool works.
[[nodiscard]] std::vector<Row> smoke_rows();

}  // namespace meridian::bench
