#pragma once
// Runs the effects of transactions in the order of their commits, whichever threads they were committed on.
//
// A transaction takes its place just before COMMIT is sent, while it still holds the locks of the rows that it has
// written. Another one that waits for such a row takes its place after that, and is committed after that: so the
// order of the places is that of the commits wherever the commits have an order. Whoever learns the outcome of the
// first in the row runs its effects, and those of all behind it whose outcome is known. No thread waits for
// another; a commit that is long in coming delays the effects behind it, for statement_timeout and a second at most.
//
// Any thread.
#include <stoa/core/effects.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace stoa::pg {

struct CollectedEffect {
  Effects::Effect run;
  bool also_in_doubt = false;
};

class CommitOrder;

// What follows one transaction. Without effects it has no place in the order.
class Aftermath {
 public:
  Aftermath() = default;
  Aftermath(Aftermath&& other) noexcept;
  Aftermath& operator=(Aftermath&& other) noexcept;
  // Nothing was committed: the place is given up.
  ~Aftermath();

  // Now or, on another thread, when it is its turn: runs the effects, then `finish`.
  void settle(bool certain, std::function<void()> finish);

 private:
  friend class CommitOrder;
  struct Turn {
    bool is_settled = false;
    std::function<void()> act;
  };

  void give_up() noexcept;

  CommitOrder* order_ = nullptr;
  std::shared_ptr<Turn> turn_;
  std::vector<CollectedEffect> effects_;
};

class CommitOrder {
 public:
  // To be called with the transaction's locks held; nothing but the commit may follow.
  Aftermath before_commit(std::vector<CollectedEffect> effects);

 private:
  friend class Aftermath;

  void settle(Aftermath::Turn& turn, std::function<void()> act);

  std::mutex mutex_;
  std::deque<std::shared_ptr<Aftermath::Turn>> turns_;
  bool is_running_ = false;  // some thread runs what is settled, and goes on until nothing is
};

}  // namespace stoa::pg
