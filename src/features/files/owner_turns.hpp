#pragma once
// Of each person one piece of work at a time on this node, so that somebody's many large files keep nobody else's waiting. Any thread.
#include <stoa/core/ids.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace stoa::files {

class OwnerTurns {
  struct State {
    std::mutex mutex;
    std::unordered_map<UserId, std::size_t> busy;  // with how many have found it so
  };

 public:
  // Ends with its object.
  class Turn {
   public:
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) noexcept = delete;
    ~Turn() {
      if (!state_) return;
      const std::lock_guard lock(state_->mutex);
      state_->busy.erase(owner_);
    }

   private:
    friend class OwnerTurns;
    Turn(std::shared_ptr<State> state, UserId owner) : state_(std::move(state)), owner_(owner) {}
    std::shared_ptr<State> state_;
    UserId owner_;
  };

  // Empty where that person's is under way.
  std::optional<Turn> take(UserId owner) {
    const std::lock_guard lock(state_->mutex);
    if (!state_->busy.try_emplace(owner, 0).second) return std::nullopt;
    return Turn(state_, owner);
  }

  // Of those that have found it under way, the how manyth this one is: from 1 on with each turn.
  std::size_t count_waiting(UserId owner) {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->busy.find(owner);
    return found == state_->busy.end() ? 1 : ++found->second;
  }

 private:
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace stoa::files
