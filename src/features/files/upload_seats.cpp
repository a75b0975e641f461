#include "features/files/upload_seats.hpp"

#include <stoa/files/files_codes.hpp>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <tuple>
#include <unordered_map>

namespace stoa::files {
namespace {

// When somebody whose uploads are too many may usefully try again.
constexpr std::chrono::seconds kRetryAfter{5};

using Counts = std::unordered_map<std::uint64_t, std::size_t>;

void give_back(Counts& counts, std::uint64_t whose) {
  const auto found = counts.find(whose);
  if (--found->second == 0) counts.erase(found);
}

}  // namespace

struct UploadSeats::Upload {
  TurnKey whose;
  Clock::time_point began;
  std::uint64_t bytes = 0;
  bool gave_way = false;
};

struct UploadSeats::State {
  const std::size_t most, of_address, of_user;
  mutable std::mutex mutex;
  std::list<Upload> uploads;
  Counts users, addresses;  // of addresses those that have not given way
  std::size_t all = 0;      // likewise

  // Those below hold the mutex.
  void leave(const Upload& upload) {
    --all;
    give_back(addresses, upload.whose.outer);
  }

  // What gives way to one more of that address: of an address that has more than its part, and more than this one has, the
  // slowest; else the slowest of all that have had their time.
  Upload* victim(std::uint64_t newcomer, Clock::time_point now) {
    const auto own = addresses.find(newcomer);
    const std::size_t has = own == addresses.end() ? 0 : own->second;
    Upload* found = nullptr;
    std::tuple<bool, double> worst;
    for (Upload& upload : uploads) {
      if (upload.gave_way) continue;
      const std::size_t of_its = addresses.at(upload.whose.outer);
      const bool is_beyond = of_its > of_address && of_its > has + 1;
      if (!is_beyond && now - upload.began < kStart) continue;
      const std::chrono::duration<double> took = now - upload.began;
      const std::tuple judged{!is_beyond, static_cast<double>(upload.bytes) / (took.count() + 1)};
      if (found != nullptr && judged >= worst) continue;
      found = &upload;
      worst = judged;
    }
    return found;
  }
};

UploadSeats::UploadSeats(std::size_t most, std::size_t of_address, std::size_t of_user)
    : state_(std::make_shared<State>(most, of_address, of_user)) {}

UploadSeats::Seat::~Seat() {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  if (!upload_->gave_way) state_->leave(*upload_);
  give_back(state_->users, upload_->whose.inner);
  state_->uploads.erase(upload_);
}

void UploadSeats::Seat::came(std::size_t bytes) const {
  const std::lock_guard lock(state_->mutex);
  if (upload_->gave_way) throw Error(Code::overloaded).retry_after(kRetryAfter);
  upload_->bytes += bytes;
}

UploadSeats::Seat UploadSeats::take(const TurnKey& whose, Clock::time_point now) {
  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  const auto found = state.users.find(whose.inner);
  if (found != state.users.end() && found->second >= state.of_user) {
    throw Error(kTooManyUploads).retry_after(kRetryAfter);
  }
  if (state.all >= state.most) {
    Upload* const victim = state.victim(whose.outer, now);
    if (victim == nullptr) throw Error(Code::overloaded).retry_after(kRetryAfter);
    victim->gave_way = true;
    state.leave(*victim);
  }
  ++state.users[whose.inner];
  ++state.addresses[whose.outer];
  ++state.all;
  state.uploads.push_front({whose, now, 0, false});
  return Seat(state_, state.uploads.begin());
}

std::size_t UploadSeats::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->all;
}

}  // namespace stoa::files
