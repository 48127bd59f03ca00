#include "simulation/history/listeners.hpp"

#include <algorithm>
#include <utility>

namespace meridian::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string random_channel(RandomStream& random) { return "channel:" + std::to_string(random.between(1, 8)); }

}  // namespace

Listeners::Listeners(SimulatedWorld& world, Violate violate)
    : world_(world), violate_(std::move(violate)), random_(world.fork_random("listeners")) {}

void Listeners::begin(const std::shared_ptr<client::MultiEngine>& engine, const std::vector<SubscriberPlan>& plans,
                      TimePoint end) {
  if (plans.empty()) return;
  for (const SubscriberPlan& plan : plans) {
    One& one = *subscribers_.emplace_back(std::make_unique<One>());
    one.wanted.insert(plan.channels.begin(), plan.channels.end());
    one.overlap = plan.overlap;
    SubscriberOptions options;
    options.overlap = plan.overlap;
    options.on_event = [this, &one](const SubscriberEvent& event) { on_event(one, event); };
    one.subscriber.emplace(detail::make_subscriber(engine, std::move(options)));
    one.subscriber->subscribe(StringArgs(std::vector<std::string>(one.wanted.begin(), one.wanted.end())));
    change_later(one, end);
  }
  publish_later(end);
}

// Every server's publisher counts for itself: what is delivered twice, or comes late, is not greater than the last.
void Listeners::publish_later(TimePoint end) {
  world_.after(random_.between(Duration(milliseconds(20)), Duration(milliseconds(300))), [this, end] {
    if (world_.now() >= end) return;
    const std::string channel = random_channel(random_);
    for (std::size_t i = 0; i < world_.servers(); ++i) {
      if (world_.server(i).state() != ProcessState::running) continue;
      world_.server(i).publish(channel, std::to_string(i) + " " + std::to_string(++last_number_));
    }
    publish_later(end);
  });
}

void Listeners::change_later(One& one, TimePoint end) {
  world_.after(random_.between(Duration(milliseconds(500)), Duration(seconds(10))), [this, &one, end] {
    if (world_.now() >= end) return;
    const std::string channel = random_channel(random_);
    world_.scheduler().at(
        world_.now(),
        [&one, channel] {
          if (one.wanted.insert(channel).second) return one.subscriber->subscribe(channel);
          one.wanted.erase(channel);
          one.subscriber->unsubscribe(channel);
        },
        Lane::listeners);
    change_later(one, end);
  });
}

void Listeners::on_event(One& one, const SubscriberEvent& event) {
  if (const auto* ended = std::get_if<SubscriptionEnded>(&event)) {
    if (ended->error.code() != ErrorCode::closed)
      violate_(std::string("PS-1: a subscriber ended: ") + ended->error.what());
    return;
  }
  const auto* message = std::get_if<Message>(&event);
  if (message == nullptr) return;
  ++delivered_;
  const std::size_t space = message->payload.find(' ');
  const std::string server = message->payload.substr(0, space);
  const std::uint64_t number = std::stoull(message->payload.substr(space + 1));
  std::uint64_t& last = one.last[server];
  if (number <= last) violate_("PS-2: message " + message->payload + " came after " + std::to_string(last));
  last = std::max(last, number);
}

void Listeners::check_subscribed(const std::vector<Role>& roles) const {
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (roles[i] == Role::in_doubt) continue;
    std::multiset<std::string> wanted;
    for (const auto& one : subscribers_) {
      if (roles[i] == Role::active || (one->overlap && roles[i] == Role::stands_by))
        wanted.insert(one->wanted.begin(), one->wanted.end());
    }
    const std::multiset<std::string> there = world_.server(i).subscribed();
    if (there == wanted) continue;
    std::string text = "I8: server " + std::to_string(i) + " has";
    for (const std::string& channel : there) text += " " + channel;
    text += "; wanted are";
    for (const std::string& channel : wanted) text += " " + channel;
    violate_(std::move(text));
  }
}

}  // namespace meridian::simulation
