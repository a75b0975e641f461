#pragma once
// How many files are under way at once on this node, and of whom; one set of places for those that come, one for those that are
// given out. Where places are taken one gives way, the slowest of whoever has most, so that nobody holds them by reading or
// sending next to nothing. Any thread.
#include <stoa/core/error.hpp>
#include <stoa/core/fair_queue.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <list>
#include <memory>
#include <utility>

namespace stoa::files {

class Seats {
  struct Taken;
  struct State;

 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kNoBound = std::numeric_limits<std::size_t>::max();

  // What somebody takes by links that he gave away gives way to him where he has as many as he may.
  enum class By { himself, link };

  // What has had so much time is judged by its pace; before that only what somebody has beyond another gives way.
  static constexpr std::chrono::seconds kStart{10};

  struct Bounds {
    std::size_t most;
    std::size_t of_user;
    std::size_t of_address = kNoBound;
    std::size_t of_strangers = kNoBound;  // of an address, of those who have not signed in
    // Of what an address has up to so much nothing gives way to another address before it had its time. No bound.
    std::size_t part = 0;
  };

  // `too_many`: what somebody hears who has as many as he may.
  Seats(const Bounds& bounds, Code too_many);

  // One place; gives it back when it ends.
  class Seat {
   public:
    Seat(Seat&&) noexcept = default;
    Seat& operator=(Seat&&) noexcept = delete;
    ~Seat();

    // So many bytes of it came or went. Throws Error{overloaded} where it has given way.
    void came(std::size_t bytes) const;
    // What ends it when it gives way, beside the next came(): called once, on any thread, and does not wait.
    void on_give_way(std::function<void()> end) const;

   private:
    friend class Seats;
    Seat(std::shared_ptr<State> state, std::list<Taken>::iterator taken)
        : state_(std::move(state)), taken_(taken) {}
    std::shared_ptr<State> state_;
    std::list<Taken>::iterator taken_;
  };

  // Of an address and a person there (net::share_of), who counts wherever he is; an inner 0 is a stranger. Throws
  // Error{too_many} where that person has as many as he may, of which those that gave way and have not ended are some, and none of
  // them is a link's that gives way to him; or where his address has and nothing there gives way; Error{overloaded} where nothing
  // at all does.
  Seat take(const TurnKey& whose, By by = By::himself, Clock::time_point now = Clock::now());
  // Those that have not given way.
  std::size_t size() const;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace stoa::files
