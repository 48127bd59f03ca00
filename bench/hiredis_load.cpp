// hiredis as its manual says: a context per thread, redisCommandArgv, and redisAppendCommandArgv for pipelines.
#include <array>
#include <memory>
#include <stdexcept>

#include <hiredis/hiredis.h>

#include "bench/threaded_load.hpp"

namespace meridian::bench {
namespace {

struct FreeContext {
  void operator()(redisContext* context) const noexcept { redisFree(context); }
};
struct FreeReply {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;
using ReplyObject = std::unique_ptr<redisReply, FreeReply>;

class HiredisWorker : public Worker {
 public:
  HiredisWorker(const KeySpace& space, std::size_t lane, Operation operation, std::uint16_t port)
      : space_(space), walk_(space, lane), operation_(operation), context_(redisConnect("127.0.0.1", port)) {
    if (!context_ || context_->err != 0) throw_failure();
  }

 protected:
  // Names the words of the next command.
  int next_command() {
    const std::string& key = walk_.next();
    words_[0] = operation_ == Operation::get ? "GET" : "SET";
    words_[1] = key.data();
    words_[2] = space_.value.data();
    sizes_ = {3, key.size(), space_.value.size()};
    return operation_ == Operation::get ? 2 : 3;
  }

  void check(const ReplyObject& reply) const {
    if (!reply) throw_failure();
    const bool right = operation_ == Operation::get
                           ? reply->type == REDIS_REPLY_STRING && reply->len == space_.value.size()
                           : reply->type == REDIS_REPLY_STATUS;
    if (!right) throw std::runtime_error("hiredis: unexpected reply");
  }

  [[noreturn]] void throw_failure() const {
    throw std::runtime_error(std::string("hiredis: ") + (context_ ? context_->errstr : "no memory"));
  }

  const KeySpace& space_;
  KeyWalk walk_;
  Operation operation_;
  Context context_;
  std::array<const char*, 3> words_{};
  std::array<std::size_t, 3> sizes_{};
};

class HiredisCaller final : public HiredisWorker {
 public:
  using HiredisWorker::HiredisWorker;

  void step() override {
    const int words = next_command();
    check(ReplyObject(static_cast<redisReply*>(redisCommandArgv(context_.get(), words, words_.data(), sizes_.data()))));
  }
};

class HiredisPipeline final : public HiredisWorker {
 public:
  HiredisPipeline(const KeySpace& space, Operation operation, std::size_t batch, std::uint16_t port)
      : HiredisWorker(space, 0, operation, port), batch_(batch) {}

  void step() override {
    for (std::size_t i = 0; i < batch_; ++i) {
      const int words = next_command();
      if (redisAppendCommandArgv(context_.get(), words, words_.data(), sizes_.data()) != REDIS_OK) throw_failure();
    }
    for (std::size_t i = 0; i < batch_; ++i) {
      void* reply = nullptr;
      if (redisGetReply(context_.get(), &reply) != REDIS_OK) throw_failure();
      check(ReplyObject(static_cast<redisReply*>(reply)));
    }
  }

 private:
  std::size_t batch_;
};

}  // namespace

std::unique_ptr<Load> make_hiredis_load(const Row& row, const KeySpace& space, std::uint16_t port) {
  return std::make_unique<ThreadedLoad>(row, [&](std::size_t lane) -> std::unique_ptr<Worker> {
    if (row.shape == Shape::sync) return std::make_unique<HiredisCaller>(space, lane, row.operation, port);
    return std::make_unique<HiredisPipeline>(space, row.operation, row.width, port);
  });
}

}  // namespace meridian::bench
