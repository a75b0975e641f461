#include "realtime/admission.hpp"

#include <stoa/net/networks.hpp>

#include <utility>

namespace stoa::realtime {
namespace {

// When a refused client may usefully try again.
constexpr std::chrono::seconds kRetryAfter{10};

Error too_many_of_address() {
  Error error(Code::rate_limited, "Too many connections from this address");
  error.retry_after(kRetryAfter);
  return error;
}

}  // namespace

void Admission::Ticket::Release::operator()(Place* place) const noexcept {
  const std::unique_ptr<Place> freed(place);
  const std::lock_guard lock(from->mutex_);
  from->leave(*place);
}

void Admission::Ticket::yield(GiveWay give_way) {
  const std::lock_guard lock(from().mutex_);
  Place& place = *place_;
  // Where it has given way nobody could be told any more.
  if (place.of == Place::Of::nobody) return;
  place.give_way.swap(give_way);
  if (place.of != Place::Of::unknown) return;
  if (place.held) return from().go_on_waiting(place);
  from().by_address_.at(place.address).waiting.emplace(place.number, &place);
}

void Admission::Ticket::hold() {
  const std::lock_guard lock(from().mutex_);
  from().require_present(*place_);
  auto& waiting = from().by_address_.at(place_->address).waiting;
  if (!place_->held) place_->held = waiting.extract(place_->number);
}

void Admission::Ticket::resume() noexcept {
  if (!place_) return;
  const std::lock_guard lock(from().mutex_);
  from().go_on_waiting(*place_);
}

void Admission::Ticket::claim(UserId user) {
  const std::lock_guard lock(from().mutex_);
  Place& place = *place_;
  from().require_present(place);
  if (place.of == Place::Of::user && place.user == user) return;
  from().require_room_of(user);
  ++from().by_user_[user];
  if (place.of == Place::Of::user) from().count_down(place.user);
  AtAddress& here = from().by_address_.at(place.address);
  if (place.of == Place::Of::guest) --here.guests;
  if (place.of == Place::Of::unknown) --here.unknown;
  from().stop_waiting(place);
  place.of = Place::Of::user;
  place.user = user;
}

void Admission::Ticket::be_guest() {
  const std::lock_guard lock(from().mutex_);
  Place& place = *place_;
  from().require_present(place);
  if (place.of != Place::Of::unknown) return;
  AtAddress& here = from().by_address_.at(place.address);
  if (here.guests >= from().limits_.max_guests_per_address) throw too_many_of_address();
  from().stop_waiting(place);
  --here.unknown;
  ++here.guests;
  place.of = Place::Of::guest;
}

Admission::Ticket Admission::admit(const std::string& address) {
  return enter(address, Place::Of::unknown, {});
}
Admission::Ticket Admission::admit(const std::string& address, UserId user) {
  return enter(address, Place::Of::user, user);
}
Admission::Ticket Admission::admit_guest(const std::string& address) {
  return enter(address, Place::Of::guest, {});
}

Admission::Ticket Admission::enter(const std::string& address, Place::Of of, const UserId& user) {
  const std::uint64_t key = net::client_key(address);
  auto place = std::make_unique<Place>(Place{of, key, 0, user, {}, {}});
  GiveWay displaced;
  {
    const std::lock_guard lock(mutex_);
    if (of == Place::Of::user) require_room_of(user);
    make_room(key, of, displaced);
    AtAddress& here = by_address_[key];
    if (of == Place::Of::user) ++by_user_[user];
    place->number = ++numbered_;
    ++here.all;
    if (of == Place::Of::guest) ++here.guests;
    if (of == Place::Of::unknown) ++here.unknown;
    ++total_;
  }
  Ticket ticket(std::unique_ptr<Place, Ticket::Release>(place.release(), Ticket::Release{this}));
  if (displaced) displaced();
  return ticket;
}

void Admission::make_room(std::uint64_t key, Place::Of of, GiveWay& displaced) {
  const auto found = by_address_.find(key);
  const bool all_taken = total_ >= limits_.max_sessions;
  bool taken = all_taken;
  if (found != by_address_.end()) {
    AtAddress& here = found->second;
    if (of == Place::Of::guest && here.guests >= limits_.max_guests_per_address) {
      throw too_many_of_address();
    }
    taken |= here.all >= limits_.max_sessions_per_address;
    taken |= of == Place::Of::unknown && here.unknown >= limits_.max_unknown_per_address;
    if (taken && !here.waiting.empty()) {
      Place& oldest = *here.waiting.begin()->second;
      displaced.swap(oldest.give_way);
      leave(oldest);
      oldest.of = Place::Of::nobody;
      ++displaced_;
      return;
    }
  }
  if (all_taken) {
    throw Error(Code::overloaded, "The server has as many connections as it may")
        .retry_after(kRetryAfter);
  }
  if (taken) throw too_many_of_address();
}

void Admission::leave(Place& place) noexcept {
  if (place.of == Place::Of::nobody) return;
  stop_waiting(place);
  const auto found = by_address_.find(place.address);
  if (place.of == Place::Of::guest) --found->second.guests;
  if (place.of == Place::Of::unknown) --found->second.unknown;
  if (--found->second.all == 0) by_address_.erase(found);
  if (place.of == Place::Of::user) count_down(place.user);
  if (--total_ == 0) empty_.notify_all();
}

void Admission::require_present(const Place& place) const {
  if (place.of == Place::Of::nobody) throw too_many_of_address();
}

void Admission::stop_waiting(Place& place) noexcept {
  place.held = {};
  by_address_.at(place.address).waiting.erase(place.number);
}

void Admission::go_on_waiting(Place& place) noexcept {
  if (place.of != Place::Of::unknown || !place.held) return;
  by_address_.at(place.address).waiting.insert(std::move(place.held));
}

void Admission::require_room_of(const UserId& user) const {
  const auto found = by_user_.find(user);
  if (found != by_user_.end() && found->second >= limits_.max_sessions_per_user) {
    throw Error(Code::rate_limited, "Too many connections of this user").retry_after(kRetryAfter);
  }
}

void Admission::count_down(const UserId& user) noexcept {
  const auto found = by_user_.find(user);
  if (--found->second == 0) by_user_.erase(found);
}

std::size_t Admission::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

std::uint64_t Admission::displaced() const {
  const std::lock_guard lock(mutex_);
  return displaced_;
}

bool Admission::wait_until_empty(Duration at_most) {
  std::unique_lock lock(mutex_);
  return empty_.wait_for(lock, at_most, [this] { return total_ == 0; });
}

}  // namespace stoa::realtime
