#pragma once
// How many uploads are under way on this node, and of whom. Where all places are taken, one gives way: the slowest, so that nobody
// holds them by sending next to nothing. Any thread.
#include <stoa/core/fair_queue.hpp>
#include <stoa/core/ids.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <utility>

namespace stoa::files {

class UploadSeats {
  struct Upload;
  struct State;

 public:
  using Clock = std::chrono::steady_clock;

  // An upload is judged by its pace when it has had so much time.
  static constexpr std::chrono::seconds kStart{10};

  // `of_address`: what an address has beyond that gives way sooner, and whatever its pace. It is no bound while there are places.
  UploadSeats(std::size_t most, std::size_t of_address, std::size_t of_user);

  // One upload's place; gives it back when it ends.
  class Seat {
   public:
    Seat(Seat&&) noexcept = default;
    Seat& operator=(Seat&&) noexcept = delete;
    ~Seat();

    // So many bytes of it came. Throws Error{overloaded} where it has given way.
    void came(std::size_t bytes) const;

   private:
    friend class UploadSeats;
    Seat(std::shared_ptr<State> state, std::list<Upload>::iterator upload)
        : state_(std::move(state)), upload_(upload) {}
    std::shared_ptr<State> state_;
    std::list<Upload>::iterator upload_;
  };

  // Of an address (net::share_of) and a person. Throws Error{TOO_MANY_UPLOADS} where that person has as many as he may, of which
  // those that gave way and have not ended are some, and Error{overloaded} where nothing gives way.
  Seat take(const TurnKey& whose, Clock::time_point now = Clock::now());
  // Those that have not given way.
  std::size_t size() const;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace stoa::files
