// ClientSession's rates: what its client may send, what is refused beyond, and how fast more of that is read.
#include "realtime/client_session.hpp"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>

namespace stoa::realtime {
namespace {

// Of a larger message each part of this size is as dear as a message.
constexpr std::size_t kBytesOfAnEvent = 16 * config::kKiB;

// For one message, so that its client answers pings in time, and goes soon when it is told to go, whatever the message weighed.
constexpr Duration kLongestRest = std::chrono::seconds(1);

}  // namespace

void ClientSession::refill(Clock::time_point now) {
  const Pace& pace = endpoint_.pace();
  const auto most = static_cast<double>(pace.burst);
  const std::chrono::duration<double> passed = now - refilled_;
  refilled_ = now;
  tokens_ = std::min(most, tokens_ + passed.count() * pace.per_second);
  if (tokens_ >= most) over_rate_ = 0;
}

bool ClientSession::affords(std::size_t bytes) {
  offered_bytes_ = bytes;
  // Who has sent nothing for a while may send one of any size.
  const std::size_t most = endpoint_.pace().burst - 1;
  const auto price = static_cast<double>(std::min(bytes / kBytesOfAnEvent, most));
  if (price < 1) return true;
  const auto now = Clock::now();
  refill(now);
  if (tokens_ < price + 1) return false;
  if (over_budget(price, now)) return false;
  tokens_ -= price;
  return true;
}

// By what all sockets of its client have sent. Of those without an account, whose address may be a school's, each has
// something of its own before.
std::optional<std::chrono::seconds> ClientSession::over_budget(double price,
                                                               Clock::time_point now) {
  if (!caller_) {
    const auto& [events, window] = gateway_->config.rate_limits.guest_socket_events;
    const std::chrono::duration<double> paid_back =
        std::chrono::duration<double>(window) * (price / static_cast<double>(events));
    const auto full_at =
        std::max(own_share_full_at_, now) + std::chrono::duration_cast<Clock::duration>(paid_back);
    if (full_at - now <= window) {
      own_share_full_at_ = full_at;
      return std::nullopt;
    }
  }
  return gateway_->limiter.draw_events(key_, price, now);
}

bool ClientSession::is_vital(std::string_view type) const noexcept {
  const auto row = endpoint_.registry().find(type);
  return row && endpoint_.registry().rows()[*row].vital;
}

// By what this session has sent, and then by what all sockets of its client have.
std::optional<std::chrono::seconds> ClientSession::over_pace(Clock::time_point now) {
  refill(now);
  if (tokens_ < 1) {
    const std::chrono::duration<double> missing((1 - tokens_) / endpoint_.pace().per_second);
    return std::chrono::ceil<std::chrono::seconds>(missing);
  }
  tokens_ -= 1;
  return over_budget(1, now);
}

bool ClientSession::spend_token(const Incoming& in) {
  const auto wait = over_pace(Clock::now());
  if (wait) refuse_by_rate(in.id, *wait);
  return !wait;
}

void ClientSession::refuse_by_rate(const std::string& id, std::chrono::seconds wait) {
  local_.counters.rate_limited.add();
  // What is larger is refused before its JSON is read.
  if (offered_bytes_ <= kBytesOfAnEvent) refused_bytes_ += offered_bytes_;
  // A client that sends another whole burst beyond its rate ignores the refusals.
  if (++over_rate_ > endpoint_.pace().burst) {
    close(kPolicyViolation);
  } else {
    refuse(id, Error(Code::rate_limited).retry_after(wait));
  }
}

std::optional<std::chrono::seconds> ClientSession::over_limit(Limit limit) {
  if (limit == Limit::none) return std::nullopt;
  net::RateLimiter& limiter = gateway_->limiter;
  const auto state = net::RateLimiter::counts_refusals(limit)
                         ? limiter.look(limit, key_, Clock::now())
                         : limiter.count(limit, key_, Clock::now());
  if (state && !state->allowed) return state->reset;
  if (limit == Limit::write) limiter.draw_bytes(limit, key_, offered_bytes_, Clock::now());
  return std::nullopt;
}

// What was refused is read and thrown away, which costs the others as much as if it had been allowed. So it is paid with time,
// and TCP holds back the rest.
Duration ClientSession::rest_time() const noexcept {
  const double per_second =
      static_cast<double>(gateway_->config.realtime.refused_bytes_per_second.bytes);
  const std::chrono::duration<double> time(static_cast<double>(refused_bytes_) / per_second);
  return std::min(kLongestRest, std::chrono::duration_cast<Duration>(time));
}

Task<> ClientSession::rest() {
  const auto self = shared_from_this();
  busy_ = true;
  asio::steady_timer timer(local_.shard().context.get_executor(), rest_time());
  refused_bytes_ = 0;
  co_await timer.async_wait(use_task);
  busy_ = false;
  heard_ = true;
}

}  // namespace stoa::realtime
