#include "realtime/admission.hpp"

#include <stoa/net/networks.hpp>

#include <utility>

namespace stoa::realtime {
namespace {

// When a refused client may usefully try again.
constexpr std::chrono::seconds kRetryAfter{10};

Error refusal(Code code, const char* why) {
  Error error(code, why);
  error.retry_after(kRetryAfter);
  return error;
}

Error too_many_of_address() {
  return refusal(Code::rate_limited, "Too many connections from this address");
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
  from().change_share(place, [&](Share& share) { share.waiting.emplace(place.number, &place); });
}

void Admission::Ticket::hold() {
  const std::lock_guard lock(from().mutex_);
  Place& place = *place_;
  from().require_present(place);
  if (place.of != Place::Of::unknown || place.held) return;
  from().change_share(place,
                      [&](Share& share) { place.held = share.waiting.extract(place.number); });
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
    if (of == Place::Of::unknown) {
      Share& share = here.shares[place->shown];
      ++share.all;
      ++here.unknown;
      rank(here, share, place->shown);
    }
    ++total_;
  }
  Ticket ticket(std::unique_ptr<Place, Ticket::Release>(place.release(), Ticket::Release{this}));
  if (displaced) displaced();
  return ticket;
}

void Admission::make_room(const Place& place, GiveWay& displaced) {
  Share* const share = find_room(place);
  if (share == nullptr) return;
  Place& oldest = *share->waiting.begin()->second;
  displaced.swap(oldest.give_way);
  leave(oldest);
  oldest.of = Place::Of::nobody;
  ++displaced_;
}

Admission::Share* Admission::find_room(const Place& place) {
  const auto found = by_address_.find(place.address);
  AtAddress* const here = found != by_address_.end() ? &found->second : nullptr;
  if (here != nullptr) {
    if (place.of == Place::Of::guest && here->guests >= limits_.max_guests_per_address) {
      throw too_many_of_address();
    }
    const auto own =
        place.of == Place::Of::unknown ? here->shares.find(place.shown) : here->shares.end();
    if (own != here->shares.end() && own->second.all >= most_of_share(place.shown)) {
      if (!own->second.waiting.empty()) return &own->second;
      if (place.shown == Uuid()) throw too_many_of_address();
      throw refusal(Code::rate_limited, "Too many connections with this sign-in are being made");
    }
    if (here->all >= limits_.max_sessions_per_address) {
      Share* const share = here->by_taken.first();
      if (share == nullptr) throw too_many_of_address();
      return share;
    }
  }
  return total_ >= limits_.max_sessions ? find_room_of_all(place, here) : nullptr;
}

Admission::Share* Admission::find_room_of_all(const Place& place, const AtAddress* here) const {
  const AtAddress* most = by_unknown_.first();
  // Who is unknown takes no place of an address that has no more of them than his own.
  const std::size_t own = here != nullptr && place.of != Place::Of::user ? here->unknown : 0;
  if (most == nullptr || most->unknown <= own) most = here;
  Share* const share = most != nullptr ? most->by_taken.first() : nullptr;
  if (share == nullptr) {
    throw refusal(Code::overloaded, "The server has as many connections as it may");
  }
  return share;
}

std::size_t Admission::most_of_share(const Uuid& shown) const noexcept {
  return shown == Uuid() ? limits_.max_unknown_per_address : limits_.max_sessions_per_user;
}

void Admission::rank(AtAddress& here, Share& share, const Uuid& shown) noexcept {
  const auto oldest_of = [](const Share* of) {
    return of == nullptr || of->waiting.empty() ? std::nullopt
                                                : std::optional(of->waiting.begin()->first);
  };
  const auto all = static_cast<double>(share.all);
  here.by_taken.put(share.entry, all / static_cast<double>(most_of_share(shown)),
                    oldest_of(&share));
  by_unknown_.put(here.entry, static_cast<double>(here.unknown), oldest_of(here.by_taken.first()));
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
  if (place.of != Place::Of::nobody) return;
  throw refusal(Code::rate_limited, "Others came, and this connection has given way to them");
}

void Admission::leave_share(Place& place) noexcept {
  AtAddress& here = by_address_.at(place.address);
  const auto share = here.shares.find(place.shown);
  place.held = {};
  share->second.waiting.erase(place.number);
  --share->second.all;
  --here.unknown;
  rank(here, share->second, place.shown);
  if (share->second.all == 0) here.shares.erase(share);
}

void Admission::go_on_waiting(Place& place) noexcept {
  if (place.of != Place::Of::unknown || !place.held) return;
  change_share(place, [&](Share& share) { share.waiting.insert(std::move(place.held)); });
}

void Admission::require_room_of(const UserId& user) const {
  const auto found = by_user_.find(user);
  if (found != by_user_.end() && found->second >= limits_.max_sessions_per_user) {
    throw refusal(Code::rate_limited, "Too many connections of this user");
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
