#pragma once
// Who has taken most, among those of whom one may have to give way: of equals, the one whose oldest came first. Whoever has nobody
// that gives way is left out. A change costs the logarithm of how many there are, and no memory. Not thread-safe.
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

namespace stoa::realtime {

template <class Of>
class Ranking {
  struct Rank {
    double taken = 0;
    std::uint64_t oldest = 0;
    bool operator<(const Rank& other) const noexcept {
      return taken != other.taken ? taken < other.taken : oldest > other.oldest;
    }
  };
  using Entries = std::map<Rank, Of*>;

 public:
  // Of one; left out at first. It has to be left out again before it goes.
  class Entry {
   public:
    explicit Entry(Of& of) {
      Entries one;
      parked_ = one.extract(one.emplace(Rank(), &of).first);
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() = default;

   private:
    friend class Ranking;
    typename Entries::node_type parked_;  // while it is left out
    typename Entries::iterator at_;       // else
  };

  // `oldest`: the number of the one that would give way, which nobody else has; empty: nobody would.
  void put(Entry& entry, double taken, const std::optional<std::uint64_t>& oldest) noexcept {
    if (!entry.parked_) entry.parked_ = entries_.extract(entry.at_);
    if (!oldest) return;
    entry.parked_.key() = Rank{taken, *oldest};
    entry.at_ = entries_.insert(std::move(entry.parked_)).position;
  }
  // Null where nobody gives way.
  Of* first() const noexcept {
    return entries_.empty() ? nullptr : std::prev(entries_.end())->second;
  }

 private:
  Entries entries_;
};

}  // namespace stoa::realtime
