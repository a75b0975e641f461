#include "features/files/download_seats.hpp"

#include <stoa/files/files_codes.hpp>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace stoa::files {
namespace {

// When somebody whose downloads are too many may usefully try again.
constexpr std::chrono::seconds kRetryAfter{5};

using Counts = std::unordered_map<std::uint64_t, std::size_t>;

std::size_t count_of(const Counts& counts, std::uint64_t whose) {
  const auto found = counts.find(whose);
  return found == counts.end() ? 0 : found->second;
}

void take_one(Counts& counts, std::uint64_t whose) {
  const auto found = counts.find(whose);
  if (--found->second == 0) counts.erase(found);
}

class SeatedObject final : public storage::Object {
 public:
  SeatedObject(std::unique_ptr<storage::Object> object, DownloadSeats::Seat seat)
      : seat_(std::move(seat)), object_(std::move(object)) {}

  std::uint64_t size() const noexcept override { return object_->size(); }
  Task<std::string_view> read(std::uint64_t offset, std::size_t most) override {
    return object_->read(offset, most);
  }

 private:
  DownloadSeats::Seat seat_;
  std::unique_ptr<storage::Object> object_;
};

}  // namespace

struct DownloadSeats::State {
  const std::size_t most, of_address, of_user;
  mutable std::mutex mutex;
  Counts addresses, users;
  std::size_t all = 0;
};

DownloadSeats::DownloadSeats(std::size_t most, std::size_t of_address, std::size_t of_user)
    : state_(std::make_shared<State>(most, of_address, of_user)) {}

DownloadSeats::Seat::~Seat() {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  --state_->all;
  take_one(state_->addresses, whose_.outer);
  if (whose_.inner != 0) take_one(state_->users, whose_.inner);
}

DownloadSeats::Seat DownloadSeats::take(const TurnKey& whose) {
  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  if (count_of(state.addresses, whose.outer) >= state.of_address ||
      (whose.inner != 0 && count_of(state.users, whose.inner) >= state.of_user)) {
    throw Error(kTooManyDownloads).retry_after(kRetryAfter);
  }
  if (state.all >= state.most) throw Error(Code::overloaded).retry_after(kRetryAfter);
  ++state.addresses[whose.outer];
  if (whose.inner != 0) ++state.users[whose.inner];
  ++state.all;
  return Seat(state_, whose);
}

std::size_t DownloadSeats::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->all;
}

std::unique_ptr<storage::Object> seated(std::unique_ptr<storage::Object> object,
                                        DownloadSeats::Seat seat) {
  return std::make_unique<SeatedObject>(std::move(object), std::move(seat));
}

}  // namespace stoa::files
