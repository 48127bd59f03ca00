// Many commands in one write, their replies in one read.
//   pipelines redis://localhost:6379
#include <iostream>
#include <string>
#include <vector>
#include <meridian/meridian.hpp>

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: pipelines URI\n";
    return 2;
  }
  try {
    meridian::Client client(argv[1]);

    // A fixed shape: a Result for each command. One that fails does not keep the others from running.
    auto [stored, visits, wrong] = client.pipeline(meridian::cmd::set("name", "Ada"), meridian::cmd::incr("visits"),
                                                   meridian::cmd::lpush("name", "not a list"));
    std::cout << "stored: " << stored.value() << ", visits: " << visits.value()
              << ", the third failed: " << (wrong ? "no" : wrong.error().message()) << '\n';

    // As many as you like; used again, it allocates nothing any more.
    meridian::Pipeline pipeline = client.pipeline();
    std::int64_t sum = 0;
    for (int round = 0; round < 10; ++round) {
      std::vector<meridian::PipelineResult<std::int64_t>> hits;
      hits.reserve(100);
      for (int page = 0; page < 100; ++page) hits.push_back(pipeline.incr("hits:" + std::to_string(page)));
      pipeline.execute();
      for (auto& hit : hits) {
        auto result = hit.result();
        if (result) {
          ++sum;
        } else if (result.error().delivery() == meridian::Delivery::not_sent) {
          // Certainly not counted: nothing of it left this machine.
        } else {
          std::cerr << result.error().what() << '\n';
        }
      }
      pipeline.clear();
    }
    std::cout << sum << " hits counted\n";
  } catch (const meridian::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
