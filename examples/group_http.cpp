// Failover between two HTTP endpoints of the same service, through libcurl: nothing in a group is about Redis.
//   group_http http://localhost:8001/ http://localhost:8002/
#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include <meridian/failover_group.hpp>

namespace {

using namespace std::chrono_literals;

// One endpoint. Any number of threads; each has a connection of its own that stays open.
class HttpEndpoint {
 public:
  explicit HttpEndpoint(std::string url) : url_(std::move(url)) {}

  // The body. Throws what `meaning_of_error` takes at its word.
  std::string get(std::chrono::milliseconds limit) const {
    std::string body;
    CURL* const curl = this_threads_handle();
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &HttpEndpoint::append);
    const CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK) throw failure(code);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    // The service is there, and cannot serve: as a server that says LOADING.
    if (status == 502 || status == 503 || status == 504) {
      throw meridian::Error(meridian::ErrorCode::loading, meridian::Delivery::in_doubt,
                            "HTTP " + std::to_string(status));
    }
    if (status >= 400) {
      throw meridian::Error(meridian::ErrorCode::server_error, meridian::Delivery::answered,
                            "HTTP " + std::to_string(status));
    }
    return body;
  }

 private:
  static std::size_t append(const char* data, std::size_t size, std::size_t count, void* body) {
    static_cast<std::string*>(body)->append(data, size * count);
    return size * count;
  }

  static CURL* this_threads_handle() {
    struct FreeHandle {
      void operator()(CURL* curl) const noexcept { curl_easy_cleanup(curl); }
    };
    thread_local const std::unique_ptr<CURL, FreeHandle> handle(curl_easy_init());
    if (!handle) throw std::bad_alloc();
    return handle.get();
  }

  static meridian::Error failure(CURLcode code) {
    using meridian::Delivery;
    using meridian::ErrorCode;
    switch (code) {
      case CURLE_COULDNT_RESOLVE_HOST:
        return {ErrorCode::name_not_resolved, Delivery::not_sent, curl_easy_strerror(code)};
      case CURLE_COULDNT_CONNECT: return {ErrorCode::connect_failed, Delivery::not_sent, curl_easy_strerror(code)};
      case CURLE_OPERATION_TIMEDOUT: return {ErrorCode::timed_out, Delivery::in_doubt, curl_easy_strerror(code)};
      default: return {ErrorCode::connection_lost, Delivery::in_doubt, curl_easy_strerror(code)};
    }
  }

  const std::string url_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: group_http EAST-URL WEST-URL\n";
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  try {
    meridian::FailoverGroup<HttpEndpoint> group({
        .members = {{.name = "east", .object = std::make_shared<HttpEndpoint>(argv[1]), .weight = 1.0},
                    {.name = "west", .object = std::make_shared<HttpEndpoint>(argv[2]), .weight = 0.5}},
        .probe = [](HttpEndpoint& endpoint) { return !endpoint.get(1s).empty(); },
        .classify = meridian::meaning_of_error,
    });
    group.on_event([](const meridian::ActiveDatabaseChanged& e) {
      std::cout << e.from << " -> " << e.to << ": " << e.evidence << '\n';
    });

    // A request every 20 ms for two seconds; stop the first endpoint meanwhile.
    int failed = 0;
    for (int i = 0; i < 100; ++i) {
      const auto body =
          group.try_run(meridian::Repeat::read_only, [](HttpEndpoint& endpoint, const meridian::GroupAttempt& attempt) {
            // Not all that is left, or there would be nothing left for the other.
            return endpoint.get(std::min<std::chrono::milliseconds>(
                500ms, std::chrono::ceil<std::chrono::milliseconds>(attempt.time_left)));
          });
      if (!body) {
        ++failed;
        std::cerr << body.error().what() << '\n';
      }
      std::this_thread::sleep_for(20ms);
    }
    std::cout << "100 requests, " << failed << " failed\n" << to_text(group.describe());
    return failed == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
