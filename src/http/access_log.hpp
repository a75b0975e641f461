#pragma once
// The access log: one structured line a request, the path without its query, which may hold what is not
// for a log. One a shard, used there only: lines gather for a moment and are queued as one, since waking
// the writing thread for each would cost as much as the request.
#include <stoa/core/task.hpp>
#include <stoa/http/message.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/basic_waitable_timer.hpp>

namespace stoa::http {

class AccessLog : public std::enable_shared_from_this<AccessLog> {
 public:
  // `wanted` is what the configuration says.
  AccessLog(const Executor& executor, bool wanted);
  ~AccessLog();

  // `path`: as the log may know it.
  void add(const Request& request, std::string_view path, int status, std::size_t bytes,
           std::chrono::nanoseconds taken);
  // What was refused before it was a request.
  void add_refusal(std::string_view address, int status, std::string_view reason);
  void flush();

 private:
  using Clock = std::chrono::steady_clock;
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

  bool begin(std::string_view event);
  void text(std::string_view name, std::string_view value);
  void end();

  Timer timer_;
  bool wanted_;
  std::string lines_;
};

}  // namespace stoa::http
