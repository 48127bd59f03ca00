// A secret cannot be printed and leaves nothing behind.
#include <meridian/secret.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <new>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

namespace meridian {
namespace {

template <class T>
concept Printable = requires(std::ostream& stream, const T& value) {
  stream << value;
};

static_assert(!Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);

// Short enough to live inside the string object, where a test may look at the bytes after the secret is gone.
constexpr std::string_view short_password = "hunter2";

// Memory of our own for one Secret, so that it can be read when the object is no more.
struct Cell {
  alignas(Secret) unsigned char bytes[sizeof(Secret)] = {};

  [[nodiscard]] bool holds(std::string_view text) const {
    return std::string_view(reinterpret_cast<const char*>(bytes), sizeof bytes).find(text) != std::string_view::npos;
  }
};

TEST(Secret, holds_its_text) {
  const Secret secret("hunter2");
  EXPECT_EQ(secret.reveal_secret(), "hunter2");
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, is_wiped_when_it_is_destroyed) {
  Cell cell;
  auto* const secret = new (cell.bytes) Secret(short_password);
  ASSERT_TRUE(cell.holds(short_password));
  secret->~Secret();
  EXPECT_FALSE(cell.holds(short_password));
}

TEST(Secret, is_wiped_when_another_is_assigned) {
  Cell cell;
  auto* const secret = new (cell.bytes) Secret(short_password);
  const Secret other("x");
  *secret = other;
  EXPECT_FALSE(cell.holds(short_password.substr(1)));
  EXPECT_EQ(secret->reveal_secret(), "x");
  secret->~Secret();
}

TEST(Secret, leaves_nothing_where_it_was_moved_from) {
  Cell cell;
  auto* const secret = new (cell.bytes) Secret(short_password);
  const Secret moved(std::move(*secret));
  EXPECT_EQ(moved.reveal_secret(), short_password);
  EXPECT_FALSE(cell.holds(short_password));

  *secret = Secret(short_password);
  Secret assigned;
  assigned = std::move(*secret);
  EXPECT_EQ(assigned.reveal_secret(), short_password);
  EXPECT_FALSE(cell.holds(short_password));
  secret->~Secret();
}

TEST(Secret, survives_assignment_to_itself) {
  Secret secret("hunter2");
  Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.reveal_secret(), "hunter2");
  secret = std::move(same);
  EXPECT_EQ(secret.reveal_secret(), "hunter2");
}

}  // namespace
}  // namespace meridian
