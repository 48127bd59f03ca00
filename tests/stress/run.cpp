// Builds the world of a run, disturbs it, tears it down and compares what is left.
#include "stress/run.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <list>
#include <memory>
#include <stdexcept>
#include <thread>

#include <meridian/runtime.hpp>

#include "integration/support/redis_server.hpp"
#include "stress/chain_caller.hpp"
#include "stress/site.hpp"
#include "stress/stopper.hpp"
#include "stress/thread_caller.hpp"

namespace meridian::stress {
namespace {

using testing::RedisServer;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr Clock::duration longest_overrun = std::chrono::seconds(20);
#else
constexpr Clock::duration longest_overrun = std::chrono::seconds(5);
#endif

constexpr std::size_t servers = 3;  // one for plain clients, two for those of several databases

std::size_t entries(const char* folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

struct Belongings {
  std::size_t threads = entries("/proc/self/task");
  std::size_t descriptors = entries("/proc/self/fd");
};

void sleep_for(Clock::duration time) { std::this_thread::sleep_for(time); }

template <class Condition>
bool await(Condition condition, Clock::duration limit) {
  for (const auto end = Clock::now() + limit; !condition(); sleep_for(milliseconds(5))) {
    if (Clock::now() > end) return false;
  }
  return true;
}

// The payload of a bulk or integer reply as it came; nothing if it is null.
std::optional<std::string> payload(const std::string& reply) {
  if (reply.empty() || reply.starts_with("$-1") || reply.starts_with("_")) return std::nullopt;
  if (reply.front() != '$') throw std::runtime_error("unexpected reply: " + reply.substr(0, 100));
  const std::size_t begin = reply.find('\n') + 1;
  return reply.substr(begin, reply.size() - begin - 2);
}

ClientOptions quick() {
  ClientOptions options;
  options.connect_timeout = milliseconds(500);
  options.command_timeout = milliseconds(400);
  options.command_deadline = std::chrono::seconds(2);
  options.reconnect.base = milliseconds(2);
  options.reconnect.cap = milliseconds(100);
  options.idle_ping = milliseconds(200);
  return options;
}

SiteSpec plain(std::string name, std::string uri, ClientOptions options) {
  // In doubt is never repeated: no write can come a second time.
  const bool exact = options.command_retry.retries == 0;
  return {.name = std::move(name),
          .knowledge = exact ? Knowledge::exact : Knowledge::loose,
          .servers = {0},
          .deadline = options.command_deadline,
          .make = [uri = std::move(uri), options] {
            return std::make_unique<AnyClient>(std::in_place_type<Client>, uri, options);
          }};
}

// The same server, without blocking.
SiteSpec plain_async(std::string name, std::string uri, ClientOptions options) {
  SiteSpec spec = plain(std::move(name), uri, options);
  spec.is_async = true;
  spec.make = [uri = std::move(uri), options = std::move(options)] {
    return std::make_unique<AnyClient>(std::in_place_type<AsyncClient>, uri, options);
  };
  return spec;
}

template <class Front>
std::unique_ptr<AnyClient> make_of_several(const MultiDbConfig& config) {
  Result<Front> client = Front::create(config);
  if (!client) return nullptr;  // all were being harmed at the time
  return std::make_unique<AnyClient>(std::in_place_type<Front>, std::move(*client));
}

template <class Front = MultiDbClient>
SiteSpec of_several(std::string name, const std::vector<std::string>& uris, WhenUnavailable when,
                    std::shared_ptr<Runtime> runtime) {
  MultiDbConfig config;
  for (const std::string& uri : uris) {
    config.databases.push_back({.uri = uri,
                                .options = quick(),
                                .name = {},
                                .weight = config.databases.empty() ? 1.0 : 0.5,
                                .grace_period = milliseconds(200)});
  }
  config.runtime = std::move(runtime);
  config.command_deadline = std::chrono::seconds(2);
  config.when_unavailable = when;
  config.health_check_interval = milliseconds(500);
  config.health_check_probes_delay = milliseconds(20);
  config.health_check_timeout = milliseconds(500);
  config.auto_fallback_interval = milliseconds(400);
  config.drain = milliseconds(50);
  return {.name = std::move(name),
          .knowledge = Knowledge::loose,
          .servers = {1, 2},
          .deadline = config.command_deadline,
          .is_async = !blocks<Front>,
          .make = [config] { return make_of_several<Front>(config); }};
}

// A run, in the order in which its parts are made.
class Run {
 public:
  Run(const Settings& settings, Tally& tally)
      : settings_(settings), tally_(tally), dice_(settings.seed), servers_(servers) {
    for (int i = 0; i < 6; ++i) {
      constexpr std::size_t harmed[] = {0, 0, 0, 0, 1, 2};
      const auto pushes = i == 2 ? ChaosProxy::Pushes::no : ChaosProxy::Pushes::yes;
      proxies_.emplace_back(servers_[harmed[i]].port(), settings.seed * 100 + static_cast<std::uint64_t>(i),
                            bytes_between_harms, pushes);
    }
    make_sites();
    prepare_counters();
  }

  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    sites_.clear();
    own_->stop();
  }

  void perform() {
    std::thread keeper([this] { keep(); });
    std::thread watchdog([this] { watch(); });
    for (ChainCaller* chain : chains()) chain->go_on();
    std::vector<std::thread> threads;
    for (ThreadCaller& caller : thread_callers_) threads.emplace_back([&caller] { caller.run(); });
    for (std::thread& thread : threads) thread.join();
    callers_are_over_ = true;
    keeper.join();
    for (Site& site : sites_) site.end();
    for (Site& site : sites_) site.close();
    if (!await([this] { return are_chains_over(); }, 4 * longest_overrun)) {
      for (ChainCaller* chain : chains()) {
        if (!chain->is_over()) tally_.violation(chain->call.name() + " was never completed");
      }
    }
    stopper_.reset();
    all_is_over_ = true;
    watchdog.join();
  }

  void count_harm(Report& report) const {
    for (const ChaosProxy& proxy : proxies_) {
      for (std::size_t i = 0; i < harms; ++i) report.harm[i] += proxy.done(static_cast<Harm>(i));
    }
  }

  // What the servers have must be what the callers know.
  void check() {
    proxies_.clear();
    for (RedisServer& server : servers_) {
      const auto drained = [&] {
        return server.command({"INFO", "clients"}).find("connected_clients:1\r\n") != std::string::npos;
      };
      if (!await(drained, std::chrono::seconds(10))) tally_.violation("I9: a connection to a server was left open");
    }
    for (const ThreadCaller& caller : thread_callers_) add_to_check(caller.caller, caller.site());
    for (const ChainCaller* chain : chains()) add_to_check(chain->caller, chain->site());
  }

  [[nodiscard]] std::string server_version() const {
    const std::string info = servers_.front().command({"INFO", "server"});
    const std::size_t at = info.find("redis_version:") + 14;
    return info.substr(at, info.find('\r', at) - at);
  }

 private:
  static constexpr std::uint64_t bytes_between_harms = 64 << 10;

  void make_sites() {
    auto two_threads = std::make_shared<Runtime>(2);
    own_ = std::make_shared<Runtime>(meridian::Runtime::own_thread);
    io_ = std::jthread([own = own_] { own->run(); });
    auto proxy = proxies_.begin();
    const auto next_proxy = [&] { return (proxy++)->uri(); };
    const auto with = [](std::shared_ptr<Runtime> runtime, int retries) {
      ClientOptions options = quick();
      options.runtime = std::move(runtime);
      options.command_retry.retries = retries;
      return options;
    };
    const auto add = [this](SiteSpec spec) { sites_.emplace_back(std::move(spec), tally_); };
    add(plain("a direct connection", servers_[0].uri(), with(nullptr, 0)));
    add(plain("two threads, direct", servers_[0].uri(), with(two_threads, 0)));
    add(plain("a proxy", next_proxy(), with(nullptr, 3)));
    add(plain("a proxy, nothing repeated", next_proxy(), with(two_threads, 0)));
    ClientOptions resp2 = with(two_threads, 0);
    resp2.protocol = Protocol::resp2;
    resp2.connections = 1;
    resp2.max_queued = 1000;
    add(plain("a proxy, RESP2, one connection", next_proxy(), resp2));
    add(plain("a proxy, the program's own thread", next_proxy(), with(own_, 0)));
    const std::vector<std::string> harmed{next_proxy(), next_proxy()};
    add(of_several("two databases behind proxies", harmed, WhenUnavailable::fail, nullptr));
    add(of_several("two databases behind proxies, waiting", harmed, WhenUnavailable::wait, two_threads));
    add(of_several("two databases", {servers_[1].uri(), servers_[2].uri()}, WhenUnavailable::wait, own_));

    const auto blocking = sites_.size();
    add(plain_async("coroutines, direct", servers_[0].uri(), with(nullptr, 0)));
    add(plain_async("coroutines, a proxy", proxies_.front().uri(), with(two_threads, 0)));
    add(of_several<AsyncMultiDbClient>("coroutines, two databases behind proxies", harmed, WhenUnavailable::fail,
                                       two_threads));

    std::uint64_t id = 0;
    for (int i = 0; i < settings_.threads; ++i, ++id) {
      thread_callers_.emplace_back(id, sites_[id % blocking], common_, settings_.seed * 10'000 + id);
    }
    for (Site& site : sites_) {
      const int chains = site.spec().is_async ? 4 * settings_.chains : settings_.chains;
      for (int i = 0; i < chains; ++i, ++id) {
        chain_callers_.push_back(std::make_shared<ChainCaller>(id, site, common_, settings_.seed * 10'000 + id));
      }
    }
    for (Site& site : sites_) site.refill();
  }

  void prepare_counters() {
    std::vector<std::vector<std::string>> commands;
    const auto prepare = [&](const Caller& caller) {
      commands.push_back({"SET", caller.counter_key(), std::to_string(second_server)});
    };
    for (const ThreadCaller& caller : thread_callers_) prepare(caller.caller);
    for (const ChainCaller* chain : chains()) prepare(chain->caller);
    servers_[2].commands(commands, std::chrono::seconds(30));
  }

  [[nodiscard]] std::vector<ChainCaller*> chains() const {
    std::vector<ChainCaller*> all;
    for (const auto& chain : chain_callers_) all.push_back(chain.get());
    return all;
  }

  [[nodiscard]] bool are_chains_over() const {
    return std::all_of(chain_callers_.begin(), chain_callers_.end(), [](const auto& c) { return c->is_over(); });
  }

  // Closes clients, makes new ones, and lets the servers do what servers do.
  void keep() {
    auto next_close = Clock::now();
    auto next_fault = Clock::now() + milliseconds(300);
    while (!callers_are_over_) {
      const auto now = Clock::now();
      if (now >= next_close) {
        Site& site = sites_[dice_.below(sites_.size())];
        if (dice_.chance(0.8)) site.close();
        else site.let_go();
        next_close = now + milliseconds(dice_.magnitude(10, 200));
      }
      if (now >= next_fault) {
        disturb_server();
        next_fault = now + milliseconds(dice_.magnitude(100, 1000));
      }
      for (Site& site : sites_) site.refill();
      sleep_for(milliseconds(1));
    }
  }

  void disturb_server() {
    const RedisServer& server = servers_[dice_.below(servers)];
    ++tally_.server_faults;
    switch (dice_.below(4)) {
      case 0: server.command({"CLIENT", "KILL", "TYPE", "normal"}); break;
      case 1: server.command({"CLIENT", "PAUSE", std::to_string(dice_.magnitude(1, 300)), "WRITE"}); break;
      case 2: server.command({"CLIENT", "PAUSE", std::to_string(dice_.magnitude(1, 300)), "ALL"}); break;
      default:  // writes are refused, reads are not
        server.command({"CONFIG", "SET", "min-replicas-to-write", "1"});
        sleep_for(milliseconds(dice_.magnitude(1, 60)));
        server.command({"CONFIG", "SET", "min-replicas-to-write", "0"});
    }
  }

  // A run that hangs says where, and ends in a core dump.
  void watch() {
    while (!all_is_over_) {
      sleep_for(milliseconds(100));
      const auto now = Clock::now();
      bool stuck = false;
      const auto look = [&](const Call& call) {
        if (!call.is_stuck(now)) return;
        std::fprintf(stderr, "stress: %s hangs\n", call.name().c_str());
        stuck = true;
      };
      for (const ThreadCaller& caller : thread_callers_) look(caller.call);
      for (const auto& chain : chain_callers_) look(chain->call);
      if (stuck) std::abort();
    }
  }

  void add_to_check(const Caller& caller, const Site& site) {
    std::vector<std::int64_t> counters;
    for (const std::size_t server : site.spec().servers) {
      const std::vector<std::string> replies =
          servers_[server].commands({{"GET", caller.counter_key()}, {"GET", caller.value_key()}});
      counters.push_back(std::stoll(payload(replies[0]).value_or("0")));
      caller.check_value(payload(replies[1]), "server " + std::to_string(server));
    }
    caller.check_counters(counters);
  }

  const Settings& settings_;
  Tally& tally_;
  Dice dice_;
  std::vector<RedisServer> servers_;
  std::list<ChaosProxy> proxies_;
  std::unique_ptr<LateStopper> stopper_ = std::make_unique<LateStopper>(tally_);
  Common common_{tally_, *stopper_, settings_.operations, longest_overrun};
  std::shared_ptr<Runtime> own_;
  std::jthread io_;
  std::deque<Site> sites_;
  std::deque<ThreadCaller> thread_callers_;
  std::vector<std::shared_ptr<ChainCaller>> chain_callers_;
  std::atomic<bool> callers_are_over_{false};
  std::atomic<bool> all_is_over_{false};
};

}  // namespace

Report run(const Settings& settings, Tally& tally) {
  std::thread([] {}).join();  // a sanitizer starts a thread of its own with the first
  const Belongings before;
  Report report;
  {
    Run run(settings, tally);
    const auto began = Clock::now();
    run.perform();
    report.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    report.server = run.server_version();
    run.count_harm(report);
    run.check();
  }
  Belongings after;
  const auto is_tidy = [&] {
    after = Belongings();
    return after.threads == before.threads && after.descriptors == before.descriptors;
  };
  if (!await(is_tidy, std::chrono::seconds(10))) {
    tally.violation("I9: " + std::to_string(after.threads) + " threads and " + std::to_string(after.descriptors) +
                    " descriptors are left of " + std::to_string(before.threads) + " and " +
                    std::to_string(before.descriptors) + " at first");
  }
  return report;
}

}  // namespace meridian::stress
