#pragma once
// The thread that makes the calls. libcurl's multi handle waits for all of them at once and is woken for new ones; it is used
// on that thread alone.
#include "infra/fetch/call.hpp"
#include "infra/fetch/lane.hpp"
#include "infra/fetch/transfer.hpp"

#include <stoa/core/config.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace stoa::fetch {

class Engine {
 public:
  Engine(const config::Fetch& config, Metrics& metrics);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Lane& add(const Purpose& purpose);
  void start();
  void stop();

  // What is asked for, judged; throws Failed where it may not be. Any thread.
  std::shared_ptr<Call> make_call(Lane& lane, Request request) const;
  // Takes a place in the lane's queue; throws Error{overloaded} where there is none, Error{shutting_down}. Any thread.
  void reserve(Lane& lane);
  // What a place was taken for. Any thread.
  void submit(std::shared_ptr<Call> call);
  // Ends it, if it is not over. Any thread.
  void cancel(const std::shared_ptr<Call>& call);

 private:
  using Calls = std::vector<std::shared_ptr<Call>>;

  void run();
  // Those that may begin now, those whose time is over, and those that nobody waits for.
  bool take(Calls& begin, Calls& late, Calls& cancelled);
  std::shared_ptr<Call> next_locked();
  void drop_late_locked(Clock::time_point now, Calls& late);
  void begin(std::shared_ptr<Call> call);
  void add(CURL* easy);
  void collect();
  std::unique_ptr<Transfer> let_go(CURL* easy);
  void end(const Transfer& transfer);
  void fail(Call& call, const Failed& why);
  void drop(const std::shared_ptr<Call>& call);
  void end_all();
  void finish(Call& call, std::exception_ptr error);
  std::chrono::milliseconds patience();

  const config::Fetch config_;
  Metrics& metrics_;
  CURLM* multi_;
  std::vector<std::unique_ptr<Lane>> lanes_;  // as they are before start()

  // The thread's.
  std::map<CURL*, std::unique_ptr<Transfer>> active_;
  std::size_t turn_ = 0;  // the lane that is asked first

  std::mutex mutex_;  // guards the lanes' queues and all below
  Calls cancelled_;
  Clock::time_point next_end_ = Clock::time_point::max();  // of those that wait
  bool is_stopping_ = false;
  std::thread thread_;  // the owner's
};

}  // namespace stoa::fetch
