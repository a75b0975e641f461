#include "realtime/admission.hpp"

#include <utility>

namespace stoa::realtime {
namespace {

// When a refused client may usefully try again.
constexpr std::chrono::seconds kRetryAfter{10};

template <class Map, class Key>
void count_down(Map& map, const Key& key) {
  const auto found = map.find(key);
  if (found != map.end() && --found->second == 0) map.erase(found);
}

}  // namespace

Admission::Ticket::Ticket(Ticket&& other) noexcept
    : from_(std::exchange(other.from_, nullptr)),
      address_(std::move(other.address_)),
      user_(other.user_) {}

Admission::Ticket& Admission::Ticket::operator=(Ticket&& other) noexcept {
  std::swap(from_, other.from_);
  std::swap(address_, other.address_);
  std::swap(user_, other.user_);
  return *this;
}

Admission::Ticket::~Ticket() {
  if (from_ != nullptr) from_->release(address_, user_);
}

void Admission::Ticket::claim(UserId user) {
  if (user_ == user) return;
  from_->claim(user);
  user_ = user;
}

Admission::Ticket Admission::admit(const std::string& address) {
  const std::lock_guard lock(mutex_);
  if (total_ >= limits_.max_sessions) {
    throw Error(Code::overloaded, "The server has as many connections as it may")
        .retry_after(kRetryAfter);
  }
  auto& count = by_address_[address];
  if (count >= limits_.max_sessions_per_address) {
    throw Error(Code::rate_limited, "Too many connections from this address")
        .retry_after(kRetryAfter);
  }
  ++count;
  ++total_;
  return {this, address};
}

void Admission::claim(UserId user) {
  const std::lock_guard lock(mutex_);
  auto& count = by_user_[user];
  if (count >= limits_.max_sessions_per_user) {
    throw Error(Code::rate_limited, "Too many connections of this user").retry_after(kRetryAfter);
  }
  ++count;
}

void Admission::release(const std::string& address, const std::optional<UserId>& user) {
  const std::lock_guard lock(mutex_);
  count_down(by_address_, address);
  if (user) count_down(by_user_, *user);
  if (--total_ == 0) empty_.notify_all();
}

std::size_t Admission::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

bool Admission::wait_until_empty(Duration at_most) {
  std::unique_lock lock(mutex_);
  return empty_.wait_for(lock, at_most, [this] { return total_ == 0; });
}

}  // namespace stoa::realtime
