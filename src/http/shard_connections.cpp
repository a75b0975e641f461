#include "http/connection.hpp"

#include <stoa/core/time.hpp>

#include <algorithm>

#include <boost/asio/basic_waitable_timer.hpp>

namespace stoa::http {
namespace {

using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

constexpr std::size_t kScratch = 64 * config::kKiB;

// Deadlines are met within a quarter of the shortest one: a timer for each connection would cost more
// than all the rest of a small request.
std::chrono::milliseconds watch_interval(const config::Http& options) {
  const auto shortest = std::min(
      {options.header_timeout, options.body_timeout, options.idle_timeout, options.write_timeout});
  return std::clamp(shortest / 4, Duration(10), Duration(250));
}

Task<> serve(std::shared_ptr<ShardConnections> common, net::Accepted accepted, bool trusted) {
  Connection connection(std::move(common), std::move(accepted), trusted);
  co_await connection.run();
}

}  // namespace

ShardConnections::ShardConnections(net::Shard& shard, std::shared_ptr<const Dispatcher> dispatcher,
                                   const Config& config)
    : shard_(shard),
      dispatcher_(std::move(dispatcher)),
      options_(config.http),
      limits_{config.http.max_header_bytes, config.http.max_headers},
      connections_(shard.context.get_executor()),
      keepers_(shard.context.get_executor()),
      log_(std::make_shared<AccessLog>(shard.context.get_executor(), config.log)),
      scratch_(kScratch) {}

void ShardConnections::start() {
  keepers_.spawn("http deadlines", watch(shared_from_this()));
}

void ShardConnections::welcome(net::Accepted accepted) {
  if (draining_) return;
  const bool trusted = dispatcher_->is_trusted(accepted.peer);
  connections_.spawn("connection", serve(shared_from_this(), std::move(accepted), trusted));
}

void ShardConnections::drain() {
  draining_ = true;
  for (auto& connection : list_) connection.drain();
}

void ShardConnections::cancel() {
  draining_ = true;
  connections_.cancel();
  keepers_.cancel();
  log_->end_period(Clock::time_point::max());
  log_->flush();
}

Task<> ShardConnections::watch(std::shared_ptr<ShardConnections> self) {
  Timer timer(self->shard_.context.get_executor());
  const auto interval = watch_interval(self->options_);
  for (;;) {
    timer.expires_after(interval);
    co_await timer.async_wait(use_task);
    const auto now = Clock::now();
    for (auto& connection : self->list_) connection.expire(now);
    self->log_->end_period(now);
  }
}

std::string_view ShardConnections::date() {
  const auto present = stoa::now();
  const auto second = std::chrono::floor<std::chrono::seconds>(present.time_since_epoch());
  if (second != date_second_) {
    date_second_ = second;
    date_ = to_http_date(present);
  }
  return date_;
}

}  // namespace stoa::http
