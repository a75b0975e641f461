#include "realtime/admission.hpp"

#include <stoa/net/networks.hpp>

#include <utility>

namespace stoa::realtime {
namespace {

// When a refused client may usefully try again.
constexpr std::chrono::seconds kRetryAfter{10};

}  // namespace

Admission::Ticket::Ticket(Ticket&& other) noexcept
    : from_(std::exchange(other.from_, nullptr)), address_(other.address_), user_(other.user_) {}

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
  from_->claim(user, user_, address_);
  user_ = user;
}

Admission::Ticket Admission::admit(const std::string& address, std::optional<UserId> user) {
  const std::lock_guard lock(mutex_);
  if (total_ >= limits_.max_sessions) {
    throw Error(Code::overloaded, "The server has as many connections as it may")
        .retry_after(kRetryAfter);
  }
  const std::uint64_t key = net::client_key(address);
  const auto found = by_address_.find(key);
  const AtAddress present = found == by_address_.end() ? AtAddress{} : found->second;
  if (present.all >= limits_.max_sessions_per_address ||
      (!user && present.guests >= limits_.max_guests_per_address)) {
    throw Error(Code::rate_limited, "Too many connections from this address")
        .retry_after(kRetryAfter);
  }
  if (user) count_up(*user);
  by_address_[key] = {present.all + 1, present.guests + (user ? 0 : 1)};
  ++total_;
  return {this, key, user};
}

void Admission::claim(UserId user, const std::optional<UserId>& before, std::uint64_t address) {
  const std::lock_guard lock(mutex_);
  count_up(user);
  if (before) {
    count_down(*before);
  } else {
    --by_address_.at(address).guests;
  }
}

void Admission::release(std::uint64_t address, const std::optional<UserId>& user) {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  if (!user) --found->second.guests;
  if (--found->second.all == 0) by_address_.erase(found);
  if (user) count_down(*user);
  if (--total_ == 0) empty_.notify_all();
}

void Admission::count_up(UserId user) {
  const auto found = by_user_.find(user);
  if (found != by_user_.end() && found->second >= limits_.max_sessions_per_user) {
    throw Error(Code::rate_limited, "Too many connections of this user").retry_after(kRetryAfter);
  }
  ++by_user_[user];
}

void Admission::count_down(UserId user) {
  const auto found = by_user_.find(user);
  if (--found->second == 0) by_user_.erase(found);
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
