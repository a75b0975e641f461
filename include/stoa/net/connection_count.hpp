#pragma once
// How many connections (or other things of clients) there are, in all and from where; IPv6 addresses count by their /64.
//
// A connection for which the server does nothing is easily opened by the thousand. Where there is no more room, the oldest
// of such gives way to the newcomer: of the newcomer's own address where that has all that it may have; or else, where there
// is no room for anybody, of the address that has most, if it has more than the newcomer's own.
//
// Shared by all shards, under a lock that is taken when a connection comes and goes, and not for each request. Thread-safe;
// a Seat is used by one thread at a time.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include <boost/asio/ip/address.hpp>

namespace stoa::net {

enum class Standing : std::uint8_t {
  // For its client: until a request begins; where no account is known, also for the rest of one, or until an answer is taken.
  waits,
  firm,  // it gives way to nobody
};

class ConnectionCount {
  struct State;
  struct Place;

 public:
  ConnectionCount(std::size_t most, std::size_t most_per_address);

  // Ends a connection whose place another has got. Called once, on any thread, without a lock: it posts to where the
  // connection is.
  using GiveWay = std::function<void()>;

  // One connection's place; gives it back when it ends, which may be after the count itself has.
  class Seat {
   public:
    Seat() noexcept;
    Seat(Seat&&) noexcept;
    Seat& operator=(Seat&& other) noexcept;
    ~Seat();
    explicit operator bool() const noexcept { return place_ != nullptr; }
    // Of an empty one that was taken: whether there is no room for anybody, rather than for this address.
    bool is_full() const noexcept { return full_; }
    // From now on it gives way as stand() says; until then it is firm. Exempt ones stay so. Called once.
    void yield(GiveWay give_way);
    // False: it has given way, and the connection does no more.
    bool stand(Standing standing) noexcept;

   private:
    friend class ConnectionCount;
    Seat(std::shared_ptr<State> state, std::unique_ptr<Place> place) noexcept;
    explicit Seat(bool full) noexcept;
    std::shared_ptr<State> state_;
    std::unique_ptr<Place> place_;
    bool full_ = false;
  };

  // Empty when there is no room. `exempt` ones (trusted proxies) count in all only.
  Seat take(const boost::asio::ip::address& from, bool exempt);
  std::size_t size() const noexcept;
  // How many have given way.
  std::uint64_t displaced() const noexcept;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace stoa::net
