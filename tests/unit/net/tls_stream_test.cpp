// A TLS connection in use: which bytes are accepted, what is readable, how it ends.
#include "net/tls_stream.hpp"

#include "unit/net/tls_pair.hpp"

namespace meridian::net {
namespace {

class TlsStreamTest : public TlsPair {
 protected:
  void SetUp() override { connect(); }
};

// What TLS 1.3 adds to a record: header, type, tag.
constexpr std::size_t overhead = 5 + 1 + 16;
constexpr std::size_t largest_record = 16384;

TEST_F(TlsStreamTest, TlsStream_carries_bytes_both_ways) {
  EXPECT_EQ(stream->try_write("ping").bytes, 4U);
  EXPECT_EQ(carry(), "ping");
  server->write("pong");
  carry();
  EXPECT_EQ(read(), "pong");
  EXPECT_EQ(sent.find("ping"), std::string::npos);
}

TEST_F(TlsStreamTest, TlsStream_takes_a_transfer_of_nothing_for_neither_progress_nor_an_end) {
  EXPECT_EQ(stream->try_write("").status, IoStatus::would_block);
  EXPECT_EQ(stream->try_read({}).status, IoStatus::would_block);
  EXPECT_EQ(wire.take(), "");
}

TEST_F(TlsStreamTest, TlsStream_accepts_a_byte_when_the_last_byte_of_its_record_was_accepted) {
  const std::string command(100, 'x');
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{60}, command.size() + overhead - 1}) {
    // given room for a part of the record
    wire.room = cut;
    // then nothing is accepted, however much of it left
    EXPECT_EQ(stream->try_write(command).status, IoStatus::would_block);
    EXPECT_EQ(stream->try_write(command).status, IoStatus::would_block);
    EXPECT_EQ(carry(), "");
    // until the rest of it is
    wire.room = command.size() + overhead - cut;
    EXPECT_EQ(stream->try_write(command).bytes, command.size());
    EXPECT_EQ(wire.room, 0U);
    EXPECT_EQ(carry(), command);
  }
}

TEST_F(TlsStreamTest, TlsStream_accepts_whole_records_of_a_long_write) {
  std::string bytes(3 * largest_record, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31);
  wire.room = 2 * (largest_record + overhead) - 1;
  EXPECT_EQ(stream->try_write(bytes).bytes, largest_record);
  std::string received = carry();
  EXPECT_EQ(received.size(), largest_record);
  // More may stand behind what was not accepted.
  const std::string rest = bytes.substr(largest_record) + "and more";
  EXPECT_EQ(stream->try_write(rest).status, IoStatus::would_block);
  wire.room = std::string::npos;
  std::size_t accepted = stream->try_write(rest).bytes;
  while (accepted < rest.size()) accepted += stream->try_write(std::string_view(rest).substr(accepted)).bytes;
  received += carry();
  EXPECT_EQ(received, bytes + "and more");
}

TEST_F(TlsStreamTest, TlsStream_never_sends_a_record_that_its_writer_gave_up) {
  // given a command that was not accepted: not sent, for all that its caller is told
  wire.room = 10;
  EXPECT_EQ(stream->try_write("INCR counter").status, IoStatus::would_block);
  static_cast<void>(carry());
  wire.room = std::string::npos;
  // when reading has something to answer, and when the connection is closed
  server->update_keys();
  server->write("hello");
  carry();
  EXPECT_EQ(read(), "hello");
  stream->close();
  // then no byte more has left
  EXPECT_EQ(wire.take(), "");
}

TEST_F(TlsStreamTest, TlsStream_answers_a_key_update_and_goes_on) {
  for (int i = 0; i < 3; ++i) {
    server->update_keys();
    server->write("new keys");
    carry();
    EXPECT_EQ(read(), "new keys");
    EXPECT_EQ(stream->try_write("mine, too").bytes, 9U);
    EXPECT_EQ(carry(), "mine, too");
  }
  EXPECT_FALSE(server->has_failed());
}

TEST_F(TlsStreamTest, TlsStream_sends_the_answer_to_a_key_update_in_front_of_the_next_write_if_there_was_no_room) {
  wire.room = 0;
  server->update_keys();
  carry();
  EXPECT_EQ(read(), "");
  EXPECT_EQ(status, IoStatus::would_block);
  EXPECT_EQ(stream->try_write("command").status, IoStatus::would_block);
  wire.room = std::string::npos;
  EXPECT_EQ(stream->try_write("command").bytes, 7U);
  EXPECT_EQ(carry(), "command");
}

TEST_F(TlsStreamTest, TlsStream_waits_for_the_rest_of_a_record) {
  server->write("pong");
  const std::string record = server->take();
  for (const char byte : record) {
    EXPECT_EQ(read(), "");
    EXPECT_EQ(status, IoStatus::would_block);
    wire.from_peer += byte;
  }
  EXPECT_EQ(read(), "pong");
}

TEST_F(TlsStreamTest, TlsStream_reads_all_records_that_have_arrived) {
  for (const char* word : {"one", "two", "three"}) server->write(word);
  carry();
  wire.reads = 0;
  EXPECT_EQ(read(), "onetwothree");
  EXPECT_EQ(wire.reads, 1) << "system calls";
}

TEST_F(TlsStreamTest, TlsStream_is_readable_while_decrypted_bytes_are_left_and_not_longer) {
  server->write("abc");
  carry();
  EXPECT_EQ(read(1), "a");
  for (const char* expected : {"b", "c"}) {
    bool ran = false;
    stream->wait_readable([&ran] { ran = true; });
    EXPECT_FALSE(ran) << "inside the call";
    executor.run();
    EXPECT_TRUE(ran);
    EXPECT_EQ(read(1), expected);
  }
  EXPECT_EQ(read(1), "");
  // A part of a record is no reason to wake anybody.
  server->write("next");
  wire.from_peer += server->take().substr(0, 10);
  EXPECT_EQ(read(), "");
  stream->wait_readable([] {});
  EXPECT_TRUE(executor.tasks.empty());
  EXPECT_TRUE(wire.readable != nullptr);
}

TEST_F(TlsStreamTest, TlsStream_runs_only_the_last_of_two_waits) {
  server->write("abc");
  carry();
  EXPECT_EQ(read(1), "a");
  int last = 0;
  stream->wait_readable([] { ADD_FAILURE() << "replaced"; });
  stream->wait_readable([&last] { ++last; });
  executor.run();
  EXPECT_EQ(last, 1);
}

TEST_F(TlsStreamTest, TlsStream_sees_the_orderly_end_after_the_last_bytes) {
  server->write("bye");
  server->finish();
  carry();
  wire.read_end = IoStatus::eof;
  EXPECT_EQ(read(), "bye");
  bool ran = false;
  stream->wait_readable([&ran] { ran = true; });
  executor.run();
  EXPECT_TRUE(ran);
  EXPECT_EQ(read(), "");
  EXPECT_EQ(status, IoStatus::eof);
}

TEST_F(TlsStreamTest, TlsStream_calls_an_end_without_TLS_s_own_a_reset) {
  server->write("cut");
  carry();
  wire.read_end = IoStatus::eof;
  EXPECT_EQ(read(), "cut");
  EXPECT_EQ(read(), "");
  EXPECT_EQ(status, IoStatus::reset);
  EXPECT_EQ(read(), "");
  EXPECT_EQ(status, IoStatus::reset);
}

TEST_F(TlsStreamTest, TlsStream_ends_on_bytes_that_were_changed_on_their_way) {
  server->write("hello");
  std::string record = server->take();
  record[10] = static_cast<char>(record[10] ^ 1);
  wire.from_peer = record;
  EXPECT_EQ(read(), "");
  EXPECT_EQ(status, IoStatus::tls);
  EXPECT_NE(stream->failure(), "");
  EXPECT_EQ(stream->try_write("x").status, IoStatus::tls);
}

TEST_F(TlsStreamTest, TlsStream_passes_on_what_the_connection_below_says) {
  wire.room = 0;
  wire.write_end = IoStatus::reset;
  EXPECT_EQ(stream->try_write("x").status, IoStatus::reset);
}

TEST_F(TlsStreamTest, TlsStream_says_goodbye_when_it_is_closed) {
  stream->close();
  EXPECT_TRUE(wire.closed);
  carry();
  EXPECT_TRUE(server->client_has_finished());
}

TEST_F(TlsStreamTest, TlsStream_closed_runs_no_wait_and_transfers_nothing) {
  server->write("abc");
  carry();
  EXPECT_EQ(read(1), "a");
  const auto held = std::make_shared<int>(0);
  const auto unwanted = [held] { ADD_FAILURE() << "closed"; };
  stream->wait_readable(unwanted);
  stream->wait_writable(unwanted);
  stream->close();
  stream->close();
  stream->wait_readable(unwanted);
  stream->wait_writable(unwanted);
  stream->unwatch();
  executor.run();
  if (wire.writable) wire.writable();
  EXPECT_EQ(held.use_count(), 2);  // this one and `unwanted`
  EXPECT_EQ(stream->try_write("x").status, IoStatus::reset);
  EXPECT_EQ(stream->try_read(space).status, IoStatus::reset);
}

TEST_F(TlsStreamTest, TlsStream_may_be_destroyed_by_its_own_wait) {
  server->write("abc");
  carry();
  EXPECT_EQ(read(1), "a");
  stream->wait_readable([this] { stream.reset(); });
  executor.run();
  EXPECT_EQ(stream, nullptr);
}

TEST_F(TlsStreamTest, TlsStream_read_wait_gives_what_is_there_without_waiting) {
  server->write("abcdef");
  carry();
  EXPECT_EQ(read(2), "ab");
  wire.reads = 0;
  const IoResult got = stream->read_wait(space, io::ReadWait::limited);
  EXPECT_EQ(std::string(space, got.bytes), "cdef");
  EXPECT_EQ(wire.reads, 0);
  EXPECT_EQ(stream->read_wait(space, io::ReadWait::limited).status, IoStatus::would_block);
  server->write("later");
  carry();
  EXPECT_EQ(stream->read_wait(space, io::ReadWait::limited).bytes, 5U);
}

TEST_F(TlsStreamTest, TlsStream_read_wait_sees_the_end) {
  wire.read_end = IoStatus::eof;
  EXPECT_EQ(stream->read_wait(space, io::ReadWait::limited).status, IoStatus::reset);
}

TEST_F(TlsStreamTest, TlsStream_unwatched_runs_no_wait_for_readability) {
  server->write("abc");
  carry();
  EXPECT_EQ(read(1), "a");
  stream->wait_readable([] { ADD_FAILURE() << "unwatched"; });
  stream->unwatch();
  executor.run();
  EXPECT_EQ(read(), "bc");
}

}  // namespace
}  // namespace meridian::net
