#pragma once
// A map that keeps the entries which were used last, and at most `capacity` of them. Not synchronised: the
// owner locks. Pointers to values hold until the entry is erased or pushed out.
#include <algorithm>
#include <cstddef>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

namespace stoa {

template <class Key, class Value, class Hash = std::hash<Key>>
class Lru {
 public:
  explicit Lru(std::size_t capacity) : capacity_(std::max<std::size_t>(1, capacity)) {}

  // The value, which now counts as used last; null when there is none.
  Value* find(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &found->second->second;
  }

  // In place of what the key had. Pushes out the entry used least recently when there is no room.
  Value& put(const Key& key, Value value) {
    if (Value* old = find(key)) return *old = std::move(value);
    if (order_.size() >= capacity_) {
      index_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(key, std::move(value));
    index_.emplace(order_.front().first, order_.begin());
    return order_.front().second;
  }

  void erase(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    const auto entry = found->second;
    index_.erase(found);
    order_.erase(entry);
  }

  std::size_t size() const noexcept { return order_.size(); }

 private:
  using Order = std::list<std::pair<const Key, Value>>;  // used last, first
  // The keys are the entries' own.
  using Ref = std::reference_wrapper<const Key>;
  struct Same {
    bool operator()(const Key& a, const Key& b) const { return a == b; }
  };

  const std::size_t capacity_;
  Order order_;
  std::unordered_map<Ref, typename Order::iterator, Hash, Same> index_;
};

}  // namespace stoa
