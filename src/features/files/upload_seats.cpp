#include "features/files/upload_seats.hpp"

#include <stoa/files/files_codes.hpp>

#include <chrono>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace stoa::files {

// When somebody whose uploads are too many may usefully try again.
constexpr std::chrono::seconds kRetryAfter{5};

struct UploadSeats::State {
  const std::size_t most, most_of_one;
  mutable std::mutex mutex;
  std::unordered_map<UserId, std::size_t> of;
  std::size_t all = 0;
};

UploadSeats::UploadSeats(std::size_t most, std::size_t most_of_one)
    : state_(std::make_shared<State>(most, most_of_one)) {}

UploadSeats::Seat::~Seat() {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  --state_->all;
  const auto found = state_->of.find(user_);
  if (--found->second == 0) state_->of.erase(found);
}

UploadSeats::Seat UploadSeats::take(UserId user) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->of.find(user);
  if (found != state_->of.end() && found->second >= state_->most_of_one) {
    throw Error(kTooManyUploads).retry_after(kRetryAfter);
  }
  if (state_->all >= state_->most) throw Error(Code::overloaded).retry_after(kRetryAfter);
  ++state_->of[user];
  ++state_->all;
  return Seat(state_, user);
}

std::size_t UploadSeats::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->all;
}

}  // namespace stoa::files
