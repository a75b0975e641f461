#pragma once
// How many sessions there may be: in all, from one address (of IPv6 the /64), of one user. From an address there may be
// many more of those whose user is known than of others: a school is behind one address.
//
// Whoever has not said yet who he is waits: a Socket.IO client says it by its CONNECT, after its handshake. Those of an address
// that showed no token with it share some places, those that showed one the places of one user, each sign-in its own. Where a
// share is taken, its oldest gives way to its next, so that whoever opens sessions and says nothing displaces himself, with
// however many accounts, and who says at once who he is comes in beside him. Who has said so keeps his place.
// Where all places are taken one gives way of the address that has most who have not said it, so that whoever has many addresses
// keeps nobody out either.
//
// Thread-safe. A session keeps its Ticket; what it took is given back when the ticket goes, or gives way.
#include "realtime/ranking.hpp"

#include <stoa/core/config.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/ids.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace stoa::realtime {

class Admission {
 public:
  explicit Admission(const config::Realtime& limits) : limits_(limits) {}

  // Ends a session whose place another has got. Called once, on any thread, without a lock: it posts to where the session is.
  using GiveWay = std::function<void()>;

 private:
  // Guarded by the mutex.
  struct Place {
    enum class Of { unknown, guest, user, nobody };  // nobody: it has given way
    Of of = Of::unknown;
    std::uint64_t address = 0;  // net::client_key
    std::uint64_t number = 0;   // in the order of coming
    UserId user;
    Uuid shown;  // in whose share it is while it is unknown; nil: of those that showed no token
    GiveWay give_way;
    // Its entry among those that wait, while hold() has taken it out.
    std::map<std::uint64_t, Place*>::node_type held;
  };

 public:
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept = default;
    Ticket& operator=(Ticket&& other) noexcept {
      place_.swap(other.place_);
      return *this;
    }
    ~Ticket() = default;
    explicit operator bool() const noexcept { return place_ != nullptr; }

    // From now on it gives way to others, if it is not known whose it is. Until then, and from hold() on, it does not.
    void yield(GiveWay give_way);
    // While it is found out who he is. Throws Error{rate_limited} where it has given way.
    void hold();
    // What hold() stopped goes on, unless it is known by now whose it is.
    void resume() noexcept;
    // Counts the session for the user. Throws Error{rate_limited} over the user's bound, and where it has given way.
    void claim(UserId user);
    // He is one who says no more of himself. Throws Error{rate_limited} over the bound of guests of the address, and where it has
    // given way.
    void be_guest();

   private:
    friend class Admission;
    struct Release {
      Admission* from;
      void operator()(Place* place) const noexcept;
    };
    explicit Ticket(std::unique_ptr<Place, Release> place) : place_(std::move(place)) {}
    Admission& from() const noexcept { return *place_.get_deleter().from; }
    std::unique_ptr<Place, Release> place_;
  };

  // Holds a ticket while it is found out whose it is.
  class Judging {
   public:
    // Throws as Ticket::hold(). The ticket outlives it, and may be given up or away meanwhile.
    explicit Judging(Ticket& ticket) : ticket_(ticket) {
      if (ticket_) ticket_.hold();
    }
    Judging(const Judging&) = delete;
    Judging& operator=(const Judging&) = delete;
    ~Judging() { ticket_.resume(); }

   private:
    Ticket& ticket_;
  };

  // All of them throw Error{overloaded} over the bound in all, Error{rate_limited} over the address's or the user's. A user who is
  // known takes no place from others of the address, nor do they from him.
  // Of whom nothing is known yet but what the token that he showed counts for (Authenticator::counted_for), where he showed one.
  Ticket admit(const std::string& address, const std::optional<Uuid>& shown = std::nullopt);
  Ticket admit(const std::string& address, UserId user);
  Ticket admit_guest(const std::string& address);

  std::size_t total() const;
  // How many have given way.
  std::uint64_t displaced() const;
  bool wait_until_empty(Duration at_most);

 private:
  // The unknown of an address that showed the same.
  struct Share {
    std::size_t all = 0;
    std::map<std::uint64_t, Place*> waiting;  // those that give way, by number
    Ranking<Share>::Entry entry{*this};
  };
  struct AtAddress {
    std::size_t all = 0;
    std::size_t guests = 0;
    std::size_t unknown = 0;
    std::unordered_map<Uuid, Share> shares;  // of the unknown
    Ranking<Share> by_taken;                 // of these, by how much of each is taken
    Ranking<AtAddress>::Entry entry{*this};
  };

  Ticket enter(const std::string& address, std::unique_ptr<Place> place);
  // Throws what stands against one more. `displaced`: the one that gives way to it, which is to be told without the lock.
  void make_room(const Place& place, GiveWay& displaced);
  // The share of which one gives way; null where nobody has to. Throws where nobody can.
  Share* find_room(const Place& place);
  // Where all places are taken. `here`: what the newcomer's address has, null where it has nothing.
  Share* find_room_of_all(const Place& place, const AtAddress* here) const;
  std::size_t most_of_share(const Uuid& shown) const noexcept;
  // After each change of a share.
  void rank(AtAddress& here, Share& share, const Uuid& shown) noexcept;
  void leave(Place& place) noexcept;
  void require_present(const Place& place) const;
  // Changes the share of one that is unknown: change(share).
  template <class Change>
  void change_share(const Place& place, const Change& change) {
    AtAddress& here = by_address_.at(place.address);
    Share& share = here.shares.at(place.shown);
    change(share);
    rank(here, share, place.shown);
  }
  // It is no more one of the unknown.
  void leave_share(Place& place) noexcept;
  // What hold() has taken out, where it has; no memory is asked for.
  void go_on_waiting(Place& place) noexcept;
  void require_room_of(const UserId& user) const;
  void count_down(const UserId& user) noexcept;

  const config::Realtime& limits_;
  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t total_ = 0;
  std::uint64_t numbered_ = 0;
  std::uint64_t displaced_ = 0;
  std::unordered_map<std::uint64_t, AtAddress> by_address_;
  Ranking<AtAddress> by_unknown_;  // of these, by how many are unknown
  std::unordered_map<UserId, std::size_t> by_user_;
};

}  // namespace stoa::realtime
