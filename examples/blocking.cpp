// A queue of jobs: workers wait at the server until there is one, and end when they are asked to.
//   blocking redis://localhost:6379
#include <atomic>
#include <chrono>
#include <iostream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>
#include <meridian/meridian.hpp>

using namespace std::chrono_literals;

namespace {

// Each call waits on a connection of its own, so nobody waits behind it.
void work(meridian::Client& client, const std::stop_token& stop, std::atomic<int>& done) {
  while (!stop.stop_requested()) {
    const auto job = client.results({.stop = stop}).blpop("jobs", 5s);
    if (job && *job) {
      ++done;  // (*job)->second is what to do
    } else if (!job && job.error().delivery() == meridian::Delivery::in_doubt &&
               job.error().code() != meridian::ErrorCode::cancelled) {
      // The connection was lost in the middle: a job may have been taken and never arrived. Where that matters, move it
      // to a list of its own with BLMOVE, and look there.
      std::cerr << job.error().what() << '\n';
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: blocking URI\n";
    return 2;
  }
  try {
    meridian::Client client(argv[1]);
    constexpr int jobs = 100;
    std::atomic<int> done{0};
    {
      std::vector<std::jthread> workers;
      workers.reserve(4);
      for (int i = 0; i < 4; ++i) {
        workers.emplace_back([&](const std::stop_token& stop) { work(client, stop, done); });
      }
      for (int job = 0; job < jobs; ++job) client.rpush("jobs", "job " + std::to_string(job));
      while (done < jobs) std::this_thread::sleep_for(10ms);
    }  // they are asked to stop, and do not wait for their five seconds
    std::cout << done << " jobs done\n";
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
