#include "client/subscription_feed.hpp"

#include <algorithm>
#include <utility>

#include "core/cannot_serve.hpp"
#include "core/server_text.hpp"
#include "protocol/server_error.hpp"

namespace meridian::client {
namespace {

// One request asks for so many at most, so that a refused one is not all, and no reply is waited for too long.
constexpr std::size_t most_in_one = 512;

constexpr std::string_view command_of(detail::Subscription::Wish wish, ChannelKind kind) noexcept {
  const bool subscribes = wish == detail::Subscription::Wish::subscribe;
  switch (kind) {
    case ChannelKind::pattern: return subscribes ? "PSUBSCRIBE" : "PUNSUBSCRIBE";
    case ChannelKind::shard: return subscribes ? "SSUBSCRIBE" : "SUNSUBSCRIBE";
    case ChannelKind::channel: break;
  }
  return subscribes ? "SUBSCRIBE" : "UNSUBSCRIBE";
}

std::string bytes_of(std::string_view command, const std::vector<std::string>& names) {
  RequestBuilder builder(command, {.repeat = Repeat::read_only});
  builder.args(names);
  return std::string(std::string_view(std::move(builder).build().bytes));
}

}  // namespace

// Asks for some names; frees itself with the last answer. Lives at most as long as its link, which its feed outlives.
class SubscriptionFeed::Request final : public protocol::Operation {
 public:
  Request(SubscriptionFeed& feed, Wish wish, ChannelKind kind, std::vector<std::string> names)
      : Operation(protocol::Waiting::on_loop, static_cast<std::uint32_t>(names.size()),
                  protocol::Answers::confirmations),
        feed_(feed),
        wish_(wish),
        kind_(kind),
        names_(std::move(names)),
        bytes_(bytes_of(command_of(wish, kind), names_)) {}

  [[nodiscard]] std::string_view bytes() const noexcept override { return bytes_; }
  [[nodiscard]] bool is_read() const noexcept override { return true; }
  [[nodiscard]] TimePoint deadline() const noexcept override {
    return TimePoint::max();
  }  // silence ends its connection

  // The feed may end the connection inside, which fails this one if answers are still missing.
  void on_reply(const ReplyView& reply) noexcept override {
    const bool is_last = !is_in_line();
    const std::unique_ptr<Request> self(is_last ? this : nullptr);
    if (reply.is_error()) {
      if (answered_ > 0) return feed_.on_wrong_answer();  // some were confirmed: no server refuses the rest
      feed_.on_refused(wish_, kind_, names_, core::escape_server_text(reply.as_string().value_or("")));
      return;
    }
    const std::string& name = names_[answered_++];
    if (reply.size() < 2 || (*std::next(reply.begin())).as_string() != std::string_view(name)) feed_.on_wrong_answer();
    else feed_.on_answer(wish_, kind_, name);
  }
  void on_failure(const protocol::Failure&) noexcept override { delete this; }

 private:
  ~Request() override = default;
  friend std::default_delete<Request>;

  SubscriptionFeed& feed_;
  const Wish wish_;
  const ChannelKind kind_;
  const std::vector<std::string> names_;
  const std::string bytes_;
  std::size_t answered_ = 0;
};

SubscriptionFeed::SubscriptionFeed(database::Database& database, database::DatabaseOwner& report, Owner& owner)
    : database_(database), report_(report), owner_(owner), link_(database.make_subscriber_link(*this)) {}

SubscriptionFeed::~SubscriptionFeed() = default;

// --- Wishes ----------------------------------------------------------------------------------------------------------

void SubscriptionFeed::subscribe(ChannelKind kind, std::vector<std::string> wanted) {
  for (const std::string& text : wanted) {
    Name& name = names(kind)[text];
    count(name, false);
    name.wanted = true;
    name.standing = Standing::open;
    count(name, true);
  }
  if (asking_) send_in_parts(Wish::subscribe, kind, std::move(wanted));
  else open_now();
}

void SubscriptionFeed::unsubscribe(ChannelKind kind, std::vector<std::string> unwanted) {
  for (const std::string& text : unwanted) {
    const auto name = names(kind).find(text);
    count(name->second, false);
    name->second.wanted = false;
    if (!asking_) names(kind).erase(name);
  }
  if (asking_) send_in_parts(Wish::unsubscribe, kind, std::move(unwanted));
}

void SubscriptionFeed::open_now() {
  if (missing_ > 0 && !link_->is_open()) link_->open_without_waiting();
}

// Into or out of the two sums, as it is now.
void SubscriptionFeed::count(const Name& name, bool in) noexcept {
  if (!name.wanted || name.standing == Standing::refused) return;
  std::size_t& sum = name.standing == Standing::confirmed ? confirmed_ : missing_;
  sum += in ? 1 : static_cast<std::size_t>(-1);
}

void SubscriptionFeed::send_in_parts(Wish wish, ChannelKind kind, std::vector<std::string> all) {
  if (all.size() <= most_in_one) return send(wish, kind, std::move(all));
  for (auto from = all.begin(); from != all.end();) {
    const auto to = from + std::min<std::ptrdiff_t>(most_in_one, all.end() - from);
    send(wish, kind, {std::make_move_iterator(from), std::make_move_iterator(to)});
    from = to;
  }
}

void SubscriptionFeed::send(Wish wish, ChannelKind kind, std::vector<std::string> some) {
  if (some.empty()) return;
  for (const std::string& name : some) ++names(kind)[name].on_the_way;
  link_->ready()->enqueue(*new Request(*this, wish, kind, std::move(some)));
}

// --- Answers ---------------------------------------------------------------------------------------------------------

void SubscriptionFeed::on_answer(Wish wish, ChannelKind kind, const std::string& text) {
  const auto found = names(kind).find(text);
  Name& name = found->second;
  if (--name.on_the_way > 0) return;  // the last request says how it stands
  if (!name.wanted) {
    names(kind).erase(found);
  } else if (wish == Wish::subscribe) {
    count(name, false);
    name.standing = Standing::confirmed;
    count(name, true);
  }
  if (missing_ == 0) owner_.on_feed_changed(*this);
}

void SubscriptionFeed::on_refused(Wish wish, ChannelKind kind, const std::vector<std::string>& refused,
                                  const std::string& text) {
  // A server that cannot serve now says nothing about the channel: it is asked again on the next connection.
  const ErrorCode code = protocol::classify(text, {}).code;
  if (core::is_cannot_serve(code) || code == ErrorCode::authentication_failed) {
    if (database::Link* link = link_->ready()) link->close(code, "a subscription was refused: " + text);
    return;
  }
  for (const std::string& one : refused) {
    const auto found = names(kind).find(one);
    Name& name = found->second;
    if (--name.on_the_way > 0) continue;
    if (!name.wanted) {
      names(kind).erase(found);
    } else if (refused.size() > 1) {
      send(wish, kind, {one});  // one that is not permitted refuses all that were asked for together
    } else {
      count(name, false);
      name.standing = Standing::refused;
      count(name, true);
      owner_.on_feed_refused(*this, {.kind = kind, .channel = one, .database = {}, .server_text = text});
    }
  }
  if (missing_ == 0) owner_.on_feed_changed(*this);
}

// faults.md row 35: a connection that answers something else cannot be trusted with messages either.
void SubscriptionFeed::on_wrong_answer() {
  if (database::Link* link = link_->ready()) {
    link->close(ErrorCode::protocol_error, "a subscription was confirmed that was not asked for");
  }
}

void SubscriptionFeed::on_standing_push(database::StandingLink&, ReplyView push) {
  std::array<std::string_view, 4> words;
  std::size_t count = 0;
  for (const ReplyView word : push) {
    if (count == words.size()) return;
    words[count++] = word.as_string().value_or("");
  }
  Message message;
  if (words[0] == "pmessage" && count == 4) message.kind = ChannelKind::pattern;
  else if (words[0] == "smessage" && count == 3) message.kind = ChannelKind::shard;
  else if (words[0] != "message" || count != 3) return;
  const auto name = names(message.kind).find(words[1]);
  if (name == names(message.kind).end() || !name->second.wanted) return;  // unsubscribed meanwhile
  if (message.kind == ChannelKind::pattern) message.pattern = words[1];
  message.channel = words[count - 2];
  message.payload = words[count - 1];
  owner_.on_feed_message(*this, std::move(message));
}

// --- The connection --------------------------------------------------------------------------------------------------

void SubscriptionFeed::on_standing_ready(database::StandingLink&) {
  asking_ = true;
  for (const ChannelKind kind : channel_kinds) {
    std::vector<std::string> all;
    all.reserve(names(kind).size());
    for (const auto& [text, name] : names(kind)) all.push_back(text);
    send_in_parts(Wish::subscribe, kind, std::move(all));
  }
}

void SubscriptionFeed::on_standing_lost(database::StandingLink&, const database::LinkEnd& end, database::LinkId id) {
  const bool was_good = confirmed_ > 0;
  forget_connection();
  owner_.on_feed_lost(*this, was_good ? std::optional(end.good_until) : std::nullopt);
  if (!end.intended) report_.on_connection_lost(database_, purpose_, end, id);
}

void SubscriptionFeed::forget_connection() {
  asking_ = false;
  confirmed_ = 0;
  missing_ = 0;
  for (Names& some : names_) {
    std::erase_if(some, [](const auto& entry) { return !entry.second.wanted; });
    for (auto& [text, name] : some) name = {.wanted = true};
    missing_ += some.size();
  }
}

std::optional<TimePoint> SubscriptionFeed::look() {
  if (database::Link* link = link_->ready()) link->look();
  const database::Link* link = link_->ready();
  if (link == nullptr || confirmed_ == 0) return std::nullopt;
  return link->good_until();
}

void SubscriptionFeed::retire() {
  link_->retire(Duration::zero());
  forget_connection();
}

void SubscriptionFeed::on_standing_silent(database::StandingLink&, const protocol::OwedSummary& owed,
                                          database::LinkId id) {
  report_.on_silence(database_, purpose_, owed, id);
}

// As a check would say it: nothing that is owed to writes is owed here.
void SubscriptionFeed::on_standing_heard(database::StandingLink&) {
  report_.on_heard(database_, database::Purpose::check);
}

void SubscriptionFeed::on_credentials_refused(const std::string& evidence) {
  report_.on_credentials_refused(database_, evidence);
}

}  // namespace meridian::client
