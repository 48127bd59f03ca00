// Failover for a program that uses hiredis: a small pool of its connections is the object that a group moves between.
//   group_hiredis redis://localhost:6379 redis://localhost:6380
#include <hiredis/hiredis.h>

#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <meridian/failover_group.hpp>

namespace {

struct FreeContext {
  void operator()(redisContext* context) const noexcept { redisFree(context); }
};
struct FreeReply {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;
using Reply = std::unique_ptr<redisReply, FreeReply>;

// Connections to one server, as many as threads use at the same time.
class HiredisPool {
 public:
  explicit HiredisPool(meridian::Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  Reply command(const std::vector<std::string>& words) {
    Context context = take();
    std::vector<const char*> data;
    std::vector<std::size_t> sizes;
    for (const std::string& word : words) {
      data.push_back(word.data());
      sizes.push_back(word.size());
    }
    Reply reply(static_cast<redisReply*>(
        redisCommandArgv(context.get(), static_cast<int>(words.size()), data.data(), sizes.data())));
    // A Meridian error says what it means, and `meaning_of_error` takes it at its word. A connection that failed is not
    // given back.
    if (!reply) throw lost(*context);
    give_back(std::move(context));
    if (reply->type == REDIS_REPLY_ERROR) {
      const std::string text(reply->str, reply->len);
      const meridian::ExceptionMeaning meaning = meridian::meaning_of_error_reply(text);
      throw meridian::Error(meaning.code, meaning.delivery, text);
    }
    return reply;
  }

 private:
  static meridian::Error lost(const redisContext& context) {
    const bool timed_out = context.err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
    return {timed_out ? meridian::ErrorCode::timed_out : meridian::ErrorCode::connection_lost,
            meridian::Delivery::in_doubt, context.errstr};
  }

  Context take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Context context = std::move(idle_.back());
        idle_.pop_back();
        return context;
      }
    }
    // Nobody cuts a command short, so it has limits of its own.
    const timeval limit{1, 0};
    Context context(redisConnectWithTimeout(endpoint_.host.c_str(), endpoint_.port, limit));
    if (!context || context->err != 0) {
      const std::string why = context ? context->errstr : "out of memory";
      const bool refused = why.find("refused") != std::string::npos;
      throw meridian::Error(refused ? meridian::ErrorCode::connect_refused : meridian::ErrorCode::connect_failed,
                            meridian::Delivery::not_sent, why);
    }
    redisSetTimeout(context.get(), limit);
    return context;
  }

  void give_back(Context context) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(context));
  }

  const meridian::Endpoint endpoint_;
  std::mutex mutex_;
  std::vector<Context> idle_;
};

std::shared_ptr<HiredisPool> pool_at(const char* uri) {
  return std::make_shared<HiredisPool>(meridian::value_or_throw(meridian::parse_uri(uri)).endpoint);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: group_hiredis EAST-URI WEST-URI\n";
    return 2;
  }
  try {
    meridian::FailoverGroup<HiredisPool> group({
        .members = {{.name = "east", .object = pool_at(argv[1]), .weight = 1.0},
                    {.name = "west", .object = pool_at(argv[2]), .weight = 0.5}},
        .probe = [](HiredisPool& pool) { return pool.command({"PING"}) != nullptr; },
        .write_probe =
            [](HiredisPool& pool) {
              return pool.command({"SETRANGE", "meridian:no-op-write-probe", "0", ""}) != nullptr;
            },
        // Each function below runs one command.
        .classify = meridian::meaning_of_error,
    });
    group.on_event([](const meridian::ActiveDatabaseChanged& e) {
      std::clog << e.from << " -> " << e.to << ": " << e.evidence << '\n';
    });

    group.run(meridian::Repeat::overwrite, [](HiredisPool& pool) { pool.command({"SET", "greeting", "hello"}); });
    meridian::CallInfo info;
    const std::string greeting = group.run(
        meridian::Repeat::read_only,
        [](HiredisPool& pool) {
          const Reply reply = pool.command({"GET", "greeting"});
          return reply->type == REDIS_REPLY_STRING ? std::string(reply->str, reply->len) : std::string("(nothing)");
        },
        {.info = &info});
    std::cout << greeting << ", says " << info.database << '\n';

    const auto hits = group.try_run(meridian::Repeat::accumulate, [](HiredisPool& pool) {
      return pool.command({"INCR", "hits"})->integer;
    });
    if (hits) std::cout << "hits: " << *hits << '\n';
    else std::cerr << "hits: " << hits.error().what() << '\n';

    // An operator moves the program to the other server.
    group.set_active_database("west");
    std::cout << to_text(group.describe());
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
