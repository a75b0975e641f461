#pragma once
// A thread that calls a function again and again until it is destroyed: the clock behind time-outs
// that no connection and no queue can notice by itself. The function runs on the ticker's thread.
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace stoa::pg {

class Ticker {
 public:
  Ticker(std::chrono::milliseconds period, std::function<void()> tick);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  // A tenth of the time-out that it watches over, within 5 ms and 200 ms.
  static std::chrono::milliseconds period_for(std::chrono::milliseconds timeout);

 private:
  void loop(std::chrono::milliseconds period, const std::function<void()>& tick);

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace stoa::pg
