// rest: GETs on keep-alive connections, each sends the next request when its answer is whole.
#include "histogram.hpp"
#include "poller.hpp"
#include "process.hpp"
#include "results.hpp"
#include "scenarios.hpp"
#include "stream.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <strings.h>

namespace load {
namespace {

using Json = nlohmann::ordered_json;

enum class Stage : int { kWarmup, kMeasure, kStop };

struct Client {
  Stream stream;
  std::size_t next_path = 0;
  std::int64_t sent_at = 0;
  std::string headers;
  std::string answer;
};

// One thread's clients. The counter is read by the main thread at the window's edges.
class Caller {
 public:
  Caller(const Options& options, const std::atomic<Stage>& stage)
      : options_(options), stage_(stage), poller_(options.sleeps) {
    fixed_ = " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options.port) +
             "\r\nAccept: application/json\r\n";
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // `number`: of the client among all, which decides its token and the path it begins with.
  void add(std::size_t number) {
    Client client;
    client.next_path = number * 37;
    client.headers = fixed_;
    if (!options_.tokens.empty()) {
      const std::string& token = options_.tokens[number % options_.tokens.size()];
      client.headers += "Authorization: Bearer " + token + "\r\n";
    }
    client.headers += "\r\n";
    client.stream = Stream(options_.port, options_.has_tls);
    poller_.add(client.stream.fd(), static_cast<std::uint32_t>(clients_.size()));
    clients_.push_back(std::move(client));
  }

  void run() {
    for (Client& client : clients_) ask(client);
    while (stage_.load(std::memory_order_relaxed) != Stage::kStop && error_.empty()) {
      for (const epoll_event& event : poller_.wait(std::numeric_limits<std::int64_t>::max())) {
        while (error_.empty() && on_readable(clients_[event.data.u32])) continue;
      }
    }
  }

  double busy_seconds() const { return poller_.busy_seconds(); }
  std::uint64_t answers() const { return answers_.load(std::memory_order_relaxed); }
  const Histogram& latency() const { return latency_; }       // after run()
  const std::string& error() const { return error_; }         // after run()
  std::size_t answer_bytes() const { return answer_bytes_; }  // after run()

 private:
  void ask(Client& client) {
    request_.assign("GET ").append(options_.paths[client.next_path++ % options_.paths.size()]);
    request_.append(client.headers);
    client.sent_at = now_nanoseconds();
    const ssize_t sent = client.stream.write(request_.data(), request_.size());
    if (sent != static_cast<ssize_t>(request_.size())) error_ = "could not send a request";
  }

  // True when there may be more.
  bool on_readable(Client& client) {
    const ssize_t got = client.stream.read(buffer_.data(), buffer_.size());
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) {
      error_ = "the server closed a connection";
      return false;
    }
    client.answer.append(buffer_.data(), static_cast<std::size_t>(got));
    const std::size_t size = whole_size(client.answer);
    const bool may_be_more = got == static_cast<ssize_t>(buffer_.size());
    if (size == 0 || client.answer.size() < size) return may_be_more;
    if (stage_.load(std::memory_order_relaxed) == Stage::kMeasure) {
      latency_.record(now_nanoseconds() - client.sent_at);
    }
    answer_bytes_ = size;
    client.answer.clear();
    answers_.store(answers_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    ask(client);
    return may_be_more;
  }

  // Length of the answer, or 0 while its header is not whole. Notes an error for other than 200.
  std::size_t whole_size(std::string_view answer) {
    const std::size_t end = answer.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    if (!answer.starts_with("HTTP/1.1 200")) error_ = std::string(answer.substr(0, 600));
    constexpr std::string_view kName = "\r\ncontent-length:";
    for (std::size_t at = answer.find("\r\n"); at < end; at = answer.find("\r\n", at + 2)) {
      if (strncasecmp(answer.data() + at, kName.data(), kName.size()) == 0) {
        return end + 4 + std::strtoul(answer.data() + at + kName.size(), nullptr, 10);
      }
    }
    error_ = "an answer without Content-Length";
    return 0;
  }

  const Options& options_;
  const std::atomic<Stage>& stage_;
  Poller poller_;
  std::string fixed_;    // of every request's header
  std::string request_;  // the one being sent
  std::vector<Client> clients_;
  std::array<char, 65536> buffer_{};
  std::atomic<std::uint64_t> answers_{0};
  std::size_t answer_bytes_ = 0;
  Histogram latency_;
  std::string error_;
};

Reading read(const Options& options, const std::vector<std::unique_ptr<Caller>>& callers) {
  Reading reading = read_clocks(options);
  for (const auto& caller : callers) {
    reading.acks += caller->answers();
    reading.busy += caller->busy_seconds();
  }
  return reading;
}

}  // namespace

Json run_rest(const Options& options) {
  std::atomic<Stage> stage{Stage::kWarmup};
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < options.threads; ++i) {
    callers.push_back(std::make_unique<Caller>(options, stage));
  }
  for (int i = 0; i < options.connections; ++i) {
    const auto at = static_cast<std::size_t>(i);
    callers[at % callers.size()]->add(at);
  }
  std::vector<std::thread> threads;
  for (auto& caller : callers) threads.emplace_back([&caller] { caller->run(); });
  std::this_thread::sleep_for(std::chrono::duration<double>(options.warmup_seconds));
  stage = Stage::kMeasure;
  const Reading before = read(options, callers);
  std::this_thread::sleep_for(std::chrono::duration<double>(options.seconds));
  const Reading after = read(options, callers);
  stage = Stage::kStop;
  for (std::thread& thread : threads) thread.join();

  Histogram latency;
  for (const auto& caller : callers) {
    if (!caller->error().empty()) throw std::runtime_error(caller->error());
    latency.merge(caller->latency());
  }
  const std::uint64_t answers = after.acks - before.acks;
  if (answers == 0) throw std::runtime_error("no answers within the window");
  Json result{{"scenario", "rest"},
              {"connections", options.connections},
              {"requests_per_s", static_cast<double>(answers) / seconds_between(before, after)}};
  put_cost(result, options, before, after, answers);
  put_latency(result, latency);
  result["answer_bytes"] = callers.front()->answer_bytes();
  return result;
}

}  // namespace load
