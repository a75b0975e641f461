#pragma once
// How many uploads are under way on this node, and of whom. Any thread.
#include <stoa/core/ids.hpp>

#include <cstddef>
#include <memory>

namespace stoa::files {

class UploadSeats {
  struct State;

 public:
  UploadSeats(std::size_t most, std::size_t most_of_one);

  // One upload's place; gives it back when it ends.
  class Seat {
   public:
    Seat(Seat&&) noexcept = default;
    Seat& operator=(Seat&&) noexcept = delete;
    ~Seat();

   private:
    friend class UploadSeats;
    Seat(std::shared_ptr<State> state, UserId user) : state_(std::move(state)), user_(user) {}
    std::shared_ptr<State> state_;
    UserId user_;
  };

  // Throws Error{TOO_MANY_UPLOADS} where that person has as many as he may, and Error{overloaded} where all together have.
  Seat take(UserId user);
  std::size_t size() const;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace stoa::files
