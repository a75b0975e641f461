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
  from().share_of(place).waiting.emplace(place.number, &place);
}

void Admission::Ticket::hold() {
  const std::lock_guard lock(from().mutex_);
  from().require_present(*place_);
  if (place_->of != Place::Of::unknown || place_->held) return;
  place_->held = from().share_of(*place_).waiting.extract(place_->number);
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
  if (place.of == Place::Of::guest) --from().by_address_.at(place.address).guests;
  if (place.of == Place::Of::unknown) from().leave_share(place);
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
  from().leave_share(place);
  ++here.guests;
  place.of = Place::Of::guest;
}

Admission::Ticket Admission::admit(const std::string& address, const std::optional<Uuid>& shown) {
  auto place = std::make_unique<Place>();
  place->shown = shown.value_or(Uuid());
  return enter(address, std::move(place));
}
Admission::Ticket Admission::admit(const std::string& address, UserId user) {
  auto place = std::make_unique<Place>();
  place->of = Place::Of::user;
  place->user = user;
  return enter(address, std::move(place));
}
Admission::Ticket Admission::admit_guest(const std::string& address) {
  auto place = std::make_unique<Place>();
  place->of = Place::Of::guest;
  return enter(address, std::move(place));
}

Admission::Ticket Admission::enter(const std::string& address, std::unique_ptr<Place> place) {
  const Place::Of of = place->of;
  place->address = net::client_key(address);
  GiveWay displaced;
  {
    const std::lock_guard lock(mutex_);
    if (of == Place::Of::user) require_room_of(place->user);
    make_room(*place, displaced);
    AtAddress& here = by_address_[place->address];
    if (of == Place::Of::user) ++by_user_[place->user];
    place->number = ++numbered_;
    ++here.all;
    if (of == Place::Of::guest) ++here.guests;
    if (of == Place::Of::unknown) ++here.unknown[place->shown].all;
    ++total_;
  }
  Ticket ticket(std::unique_ptr<Place, Ticket::Release>(place.release(), Ticket::Release{this}));
  if (displaced) displaced();
  return ticket;
}

void Admission::make_room(const Place& place, GiveWay& displaced) {
  const auto found = by_address_.find(place.address);
  const bool all_taken = total_ >= limits_.max_sessions;
  bool taken = all_taken;
  if (found != by_address_.end()) {
    AtAddress& here = found->second;
    if (place.of == Place::Of::guest && here.guests >= limits_.max_guests_per_address) {
      throw too_many_of_address();
    }
    taken |= here.all >= limits_.max_sessions_per_address;
    Share* gives_way = taken ? greediest_of(here) : nullptr;
    const auto own =
        place.of == Place::Of::unknown ? here.unknown.find(place.shown) : here.unknown.end();
    if (own != here.unknown.end() && own->second.all >= most_of_share(place.shown)) {
      taken = true;
      gives_way = &own->second;
    }
    if (gives_way != nullptr && !gives_way->waiting.empty()) {
      Place& oldest = *gives_way->waiting.begin()->second;
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

Admission::Share* Admission::greediest_of(AtAddress& here) const noexcept {
  Share* out = nullptr;
  double most = 0;
  for (auto& [shown, share] : here.unknown) {
    if (share.waiting.empty()) continue;
    const double taken = static_cast<double>(share.all) / static_cast<double>(most_of_share(shown));
    const bool older = out != nullptr && taken == most &&
                       share.waiting.begin()->first < out->waiting.begin()->first;
    if (taken <= most && !older) continue;
    out = &share;
    most = taken;
    if (most >= 1) break;
  }
  return out;
}

std::size_t Admission::most_of_share(const Uuid& shown) const noexcept {
  return shown == Uuid() ? limits_.max_unknown_per_address : limits_.max_sessions_per_user;
}

void Admission::leave(Place& place) noexcept {
  if (place.of == Place::Of::nobody) return;
  if (place.of == Place::Of::unknown) leave_share(place);
  const auto found = by_address_.find(place.address);
  if (place.of == Place::Of::guest) --found->second.guests;
  if (--found->second.all == 0) by_address_.erase(found);
  if (place.of == Place::Of::user) count_down(place.user);
  if (--total_ == 0) empty_.notify_all();
}

void Admission::require_present(const Place& place) const {
  if (place.of == Place::Of::nobody) throw too_many_of_address();
}

void Admission::leave_share(Place& place) noexcept {
  auto& unknown = by_address_.at(place.address).unknown;
  const auto share = unknown.find(place.shown);
  place.held = {};
  share->second.waiting.erase(place.number);
  if (--share->second.all == 0) unknown.erase(share);
}

void Admission::go_on_waiting(Place& place) noexcept {
  if (place.of != Place::Of::unknown || !place.held) return;
  share_of(place).waiting.insert(std::move(place.held));
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
