#pragma once
// How many files are being given out on this node, to whom and to which address: whoever reads slowly holds an open file all the
// while. Any thread.
#include <stoa/core/fair_queue.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/storage/storage.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace stoa::files {

class DownloadSeats {
  struct State;

 public:
  DownloadSeats(std::size_t most, std::size_t of_address, std::size_t of_user);

  // One download's place; gives it back when it ends.
  class Seat {
   public:
    Seat(Seat&&) noexcept = default;
    Seat& operator=(Seat&&) noexcept = delete;
    ~Seat();

   private:
    friend class DownloadSeats;
    Seat(std::shared_ptr<State> state, TurnKey whose) : state_(std::move(state)), whose_(whose) {}
    std::shared_ptr<State> state_;
    TurnKey whose_;
  };

  // Of an address and of a person there (net::share_of); the person counts wherever he is, and an inner 0 is nobody. Throws
  // Error{TOO_MANY_DOWNLOADS} where either has as many as it may, and Error{overloaded} where all together have.
  Seat take(const TurnKey& whose);
  std::size_t size() const;

 private:
  std::shared_ptr<State> state_;
};

// That object, in a seat for as long as it is open.
std::unique_ptr<storage::Object> seated(std::unique_ptr<storage::Object> object,
                                        DownloadSeats::Seat seat);

}  // namespace stoa::files
