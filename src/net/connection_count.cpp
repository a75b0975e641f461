#include <stoa/net/listener.hpp>
#include <stoa/net/networks.hpp>

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace stoa::net {
namespace {

// The key of a connection that is counted in all only; client_key() makes no such one.
constexpr std::uint64_t kExempt = 0xFFFFFFFEFFFFFFFFU;

}  // namespace

struct ConnectionCount::State {
  State(std::size_t in_all, std::size_t each) : most(in_all), most_per_address(each) {}

  const std::size_t most, most_per_address;
  std::mutex mutex;
  std::unordered_map<std::uint64_t, std::size_t> by_address;
  std::atomic<std::size_t> total{0};
};

ConnectionCount::ConnectionCount(std::size_t most, std::size_t most_per_address)
    : state_(std::make_shared<State>(most, most_per_address)) {}

ConnectionCount::Seat ConnectionCount::take(const asio::ip::address& from, bool exempt) {
  const std::uint64_t key = exempt ? kExempt : client_key(from);
  const std::lock_guard lock(state_->mutex);
  if (state_->total.load(std::memory_order_relaxed) >= state_->most) return Seat(true);
  if (!exempt) {
    auto& count = state_->by_address[key];
    if (count >= state_->most_per_address) return Seat(false);
    ++count;
  }
  state_->total.fetch_add(1, std::memory_order_relaxed);
  return {state_, key};
}

std::size_t ConnectionCount::size() const noexcept {
  return state_->total.load(std::memory_order_relaxed);
}

ConnectionCount::Seat::~Seat() {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  state_->total.fetch_sub(1, std::memory_order_relaxed);
  if (key_ == kExempt) return;
  const auto found = state_->by_address.find(key_);
  if (--found->second == 0) state_->by_address.erase(found);
}

ConnectionCount::Seat& ConnectionCount::Seat::operator=(Seat&& other) noexcept {
  Seat moved(std::move(other));
  std::swap(state_, moved.state_);
  std::swap(key_, moved.key_);
  full_ = moved.full_;
  return *this;
}

}  // namespace stoa::net
