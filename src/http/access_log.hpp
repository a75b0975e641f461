#pragma once
// The access log: one structured line a request, the path without its query, which may hold what is not
// for a log. One a shard, used there only: lines gather for a moment and are queued as one, since waking
// the writing thread for each would cost as much as the request.
//
// Of one kind, config::Log::access_lines are written in a period, and at its end a line with how many more there were. Requests
// that went well or failed are of a kind by their route and status, refused ones (4xx) by their status, as anybody can
// cause them anywhere.
#include <stoa/core/config.hpp>
#include <stoa/core/log_limit.hpp>
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
  using Clock = std::chrono::steady_clock;

  AccessLog(const Executor& executor, const config::Log& config);
  ~AccessLog();

  // `path`: as the log may know it.
  void add(const Request& request, std::string_view path, int status, std::size_t bytes,
           std::chrono::nanoseconds taken);
  // What was refused before it was a request.
  void add_refusal(std::string_view address, int status, std::string_view reason);
  void flush();
  // Ends the period where it is over.
  void end_period(Clock::time_point now);

 private:
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

  bool is_wanted() const;
  // Of the line that comes next, in kind_.
  bool admits();
  void begin(std::string_view event);
  void head(std::string_view level, std::string_view event);
  void end();

  Timer timer_;
  bool wanted_;
  Duration period_;
  log::Limit limit_;
  Clock::time_point ends_;  // the period
  std::string kind_;        // fields that say what was left out
  std::string lines_;
};

}  // namespace stoa::http
