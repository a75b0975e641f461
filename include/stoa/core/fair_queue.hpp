#pragma once
// A queue in which those who put things in take turns, so that whoever puts in much waits for his own, and nobody else
// does. Who that is has two levels, as an address and an account used from there: addresses take turns, and within an
// address its accounts. What one account puts in keeps its order. Not bounded: its owner asks size(), and drops what is
// last of whoever has most. Constant time, but for drop_last(), drop_last_of() and take_if(). Not thread-safe.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stoa {

// Whose turn it is. Equal numbers are the same address or account; an outer 0 is all that is of nobody in particular.
struct TurnKey {
  std::uint64_t outer = 0;
  std::uint64_t inner = 0;
};

template <class T>
class FairQueue {
 public:
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  // Of that address.
  std::size_t size_of(std::uint64_t outer) const {
    const auto found = lanes_.find(outer);
    return found == lanes_.end() ? 0 : found->second.size;
  }

  // Of that account there.
  std::size_t size_of(const TurnKey& who) const {
    const auto lane = lanes_.find(who.outer);
    if (lane == lanes_.end()) return 0;
    const auto waiting = lane->second.by_inner.find(who.inner);
    return waiting == lane->second.by_inner.end() ? 0 : waiting->second.size();
  }

  void push(const TurnKey& who, T item) {
    const auto [lane, is_new] = lanes_.try_emplace(who.outer);
    if (is_new) turns_.push_back(who.outer);
    const auto [waiting, is_first] = lane->second.by_inner.try_emplace(who.inner);
    if (is_first) lane->second.turns.push_back(who.inner);
    waiting->second.push_back(std::move(item));
    ++lane->second.size;
    ++size_;
  }

  // Of whoever's turn it is; both not when empty().
  const T& next() const {
    const Lane& lane = lanes_.at(turns_.front());
    return lane.by_inner.at(lane.turns.front()).front();
  }
  T pop() {
    const auto outer = take_turn(turns_);
    const auto lane = lanes_.find(outer);
    const auto inner = take_turn(lane->second.turns);
    const auto waiting = lane->second.by_inner.find(inner);
    T item = std::move(waiting->second.front());
    waiting->second.pop_front();
    if (waiting->second.empty()) {
      lane->second.by_inner.erase(waiting);
    } else {
      lane->second.turns.push_back(inner);
    }
    --size_;
    if (--lane->second.size == 0) {
      lanes_.erase(lane);
    } else {
      turns_.push_back(outer);
    }
    return item;
  }

  // Takes out the latest of the address that has most, and there of the account that has most. Empty where no address
  // has more than `most`; what is of nobody in particular stays. Of several that have as many, any one: none has a better claim.
  std::optional<T> drop_last(std::size_t most) {
    const auto weight = [](const auto& lane) { return lane.first == 0 ? 0 : lane.second.size; };
    const auto lane =
        std::max_element(lanes_.begin(), lanes_.end(),
                         [&](const auto& a, const auto& b) { return weight(a) < weight(b); });
    if (lane == lanes_.end() || weight(*lane) <= most) return std::nullopt;
    return drop_last_in(lane, 0);
  }
  // Within that address: the latest of the account that has most. Empty where none has more than `most`.
  std::optional<T> drop_last_of(std::uint64_t outer, std::size_t most) {
    const auto lane = lanes_.find(outer);
    if (outer == 0 || lane == lanes_.end()) return std::nullopt;
    return drop_last_in(lane, most);
  }

  // In their turns, what is left in those of the others.
  template <class Pred>
  std::vector<T> take_if(Pred is_wanted) {
    std::vector<T> taken;
    FairQueue rest;
    while (!empty()) {
      const TurnKey who{turns_.front(), lanes_.at(turns_.front()).turns.front()};
      T item = pop();
      if (is_wanted(item)) {
        taken.push_back(std::move(item));
      } else {
        rest.push(who, std::move(item));
      }
    }
    *this = std::move(rest);
    return taken;
  }

 private:
  using Turns = std::deque<std::uint64_t>;
  struct Lane {
    std::unordered_map<std::uint64_t, std::deque<T>> by_inner;
    Turns turns;  // of those in by_inner, each once
    std::size_t size = 0;
  };
  using Lanes = std::unordered_map<std::uint64_t, Lane>;

  std::optional<T> drop_last_in(typename Lanes::iterator lane, std::size_t most) {
    const auto waiting = std::max_element(
        lane->second.by_inner.begin(), lane->second.by_inner.end(),
        [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
    if (waiting->second.size() <= most) return std::nullopt;
    T item = std::move(waiting->second.back());
    waiting->second.pop_back();
    if (waiting->second.empty()) {
      std::erase(lane->second.turns, waiting->first);
      lane->second.by_inner.erase(waiting);
    }
    --size_;
    if (--lane->second.size == 0) {
      std::erase(turns_, lane->first);
      lanes_.erase(lane);
    }
    return item;
  }

  static std::uint64_t take_turn(Turns& turns) {
    const auto first = turns.front();
    turns.pop_front();
    return first;
  }

  Lanes lanes_;
  Turns turns_;  // of those in lanes_, each once
  std::size_t size_ = 0;
};

}  // namespace stoa
