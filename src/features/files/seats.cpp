#include "features/files/seats.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <tuple>

namespace stoa::files {
namespace {

// When somebody who has too many may usefully try again.
constexpr std::chrono::seconds kRetryAfter{5};

using Person = std::pair<std::uint64_t, std::uint64_t>;  // at an address

Person person_of(const TurnKey& whose) {
  return {whose.outer, whose.inner};
}

template <class Key>
std::size_t count_of(const std::map<Key, std::size_t>& counts, const Key& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

template <class Key>
void give_back(std::map<Key, std::size_t>& counts, const Key& key) {
  const auto found = counts.find(key);
  if (--found->second == 0) counts.erase(found);
}

}  // namespace

struct Seats::Taken {
  TurnKey whose;
  By by;
  Clock::time_point began;
  std::uint64_t bytes = 0;
  bool gave_way = false;
  std::function<void()> end = {};

  double pace(Clock::time_point now) const {
    const std::chrono::duration<double> took = now - began;
    return static_cast<double>(bytes) / (took.count() + 1);
  }
};

struct Seats::State {
  const Bounds bounds;
  const Code too_many;
  mutable std::mutex mutex;
  std::list<Taken> taken;
  std::map<std::uint64_t, std::size_t> users;      // wherever they are, also what gave way
  std::map<std::uint64_t, std::size_t> addresses;  // of what has not given way
  std::map<Person, std::size_t> persons;           // likewise
  std::size_t all = 0;                             // likewise

  State(const Bounds& b, const Code& code) : bounds(b), too_many(code) {}

  // Those below hold the mutex.
  void leave(const Taken& one) {
    --all;
    give_back(addresses, one.whose.outer);
    give_back(persons, person_of(one.whose));
  }

  // The narrowest bound that the newcomer meets.
  enum class Full { no, strangers, address, all };
  Full full_for(const TurnKey& whose) const {
    if (whose.inner == 0 && count_of(persons, person_of(whose)) >= bounds.of_strangers) {
      return Full::strangers;
    }
    if (count_of(addresses, whose.outer) >= bounds.of_address) return Full::address;
    return all >= bounds.most ? Full::all : Full::no;
  }
  static bool is_within(Full full, const Taken& one, const TurnKey& newcomer) {
    if (full == Full::all) return true;
    return one.whose.outer == newcomer.outer && (full == Full::address || one.whose.inner == 0);
  }

  // How many the holder of a place has, and the newcomer, and how many of the holder's are safe until they had their time. Between
  // addresses those count, within one its people. Strangers are not told apart.
  struct Claims {
    std::size_t holder, newcomer, part;
  };
  Claims claims(const Taken& one, const TurnKey& newcomer) const {
    if (one.whose.outer != newcomer.outer) {
      return {addresses.at(one.whose.outer), count_of(addresses, newcomer.outer), bounds.part};
    }
    const std::size_t holder = persons.at(person_of(one.whose));
    if (one.whose.inner == 0 && newcomer.inner == 0) return {1, 0, 1};
    return {holder, count_of(persons, person_of(newcomer)), 0};
  }

  void end(Taken& one) {
    one.gave_way = true;
    leave(one);
    if (one.end) one.end();
  }

  // The slowest that somebody with a link of this person's has.
  Taken* victim_of_links(std::uint64_t user, Clock::time_point now) {
    Taken* found = nullptr;
    for (Taken& one : taken) {
      if (one.gave_way || one.by != By::link || one.whose.inner != user) continue;
      if (found == nullptr || one.pace(now) < found->pace(now)) found = &one;
    }
    return found;
  }

  // What gives way: of whoever has more than the newcomer will, and more than the part, the slowest of the one who has most; else
  // the slowest that had its time, but nobody's who has no more than the newcomer.
  Taken* victim(Full full, const TurnKey& newcomer, Clock::time_point now) {
    Taken* found = nullptr;
    std::tuple<int, std::size_t, std::size_t, double> worst;
    for (Taken& one : taken) {
      if (one.gave_way || !is_within(full, one, newcomer)) continue;
      const Claims has = claims(one, newcomer);
      if (has.holder <= has.newcomer) continue;
      const bool is_beyond = has.holder > has.part && has.holder > has.newcomer + 1;
      if (!is_beyond && now - one.began < kStart) continue;
      // More first: counted down from all.
      const auto rank = [&](std::size_t count) { return is_beyond ? all - count : 0; };
      const std::tuple judged{is_beyond ? 0 : 1, rank(addresses.at(one.whose.outer)),
                              rank(persons.at(person_of(one.whose))), one.pace(now)};
      if (found != nullptr && judged >= worst) continue;
      found = &one;
      worst = judged;
    }
    return found;
  }
};

Seats::Seats(const Bounds& bounds, Code too_many)
    : state_(std::make_shared<State>(bounds, too_many)) {}

Seats::Seat::~Seat() {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  if (!taken_->gave_way) state_->leave(*taken_);
  if (taken_->whose.inner != 0) give_back(state_->users, taken_->whose.inner);
  state_->taken.erase(taken_);
}

void Seats::Seat::came(std::size_t bytes) const {
  const std::lock_guard lock(state_->mutex);
  if (taken_->gave_way) throw Error(Code::overloaded).retry_after(kRetryAfter);
  taken_->bytes += bytes;
}

void Seats::Seat::on_give_way(std::function<void()> end) const {
  const std::lock_guard lock(state_->mutex);
  if (taken_->gave_way) {
    end();
  } else {
    taken_->end = std::move(end);
  }
}

Seats::Seat Seats::take(const TurnKey& whose, By by, Clock::time_point now) {
  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  if (whose.inner != 0 && count_of(state.users, whose.inner) >= state.bounds.of_user) {
    // At most as many again are under way until they have ended: a link finds no place meanwhile.
    Taken* const victim = by == By::himself ? state.victim_of_links(whose.inner, now) : nullptr;
    if (victim == nullptr) throw Error(state.too_many).retry_after(kRetryAfter);
    state.end(*victim);
  }
  if (const auto full = state.full_for(whose); full != State::Full::no) {
    Taken* const victim = state.victim(full, whose, now);
    if (victim == nullptr) {
      const Code code = full == State::Full::all ? Code(Code::overloaded) : state.too_many;
      throw Error(code).retry_after(kRetryAfter);
    }
    state.end(*victim);
  }
  if (whose.inner != 0) ++state.users[whose.inner];
  ++state.addresses[whose.outer];
  ++state.persons[person_of(whose)];
  ++state.all;
  state.taken.push_front({whose, by, now});
  return Seat(state_, state.taken.begin());
}

std::size_t Seats::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->all;
}

}  // namespace stoa::files
