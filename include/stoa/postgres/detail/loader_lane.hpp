#pragma once
// The part of a Loader that does not depend on its types: which look-ups of one context go together, and whose turn it is
// to ask. There is no task of its own: one of those that wait asks for itself and for the next ones, and then names its
// successor. Used on the context's thread only.
#include <stoa/core/task.hpp>
#include <stoa/postgres/detail/inbox.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <span>
#include <vector>

#include <boost/asio/cancellation_state.hpp>

namespace stoa::pg {

struct DatabaseOptions;

}  // namespace stoa::pg

namespace stoa::pg::detail {

using LoaderId = std::uint64_t;
// Never the same one twice.
LoaderId next_loader_id() noexcept;

class LoaderLane;

// Keys that a coroutine waits for. It resumes when their rows are there, or, where `leads`, to ask for them.
class Lookup : public Waiter {
 public:
  using Clock = std::chrono::steady_clock;

  Lookup(LoaderLane& its_lane, std::size_t its_size) : lane(its_lane), size(its_size) {}

  LoaderLane& lane;
  const std::size_t size;
  bool leads = false;
  Clock::time_point since;                // it waits in its lane
  asio::cancellation_state cancellation;  // of the coroutine that waits

 private:
  void begin() override;
};
using LookupPtr = std::shared_ptr<Lookup>;

// Lives as long as its context.
class LoaderLane {
 public:
  // `longest`: nobody who has waited longer is asked for.
  LoaderLane(std::size_t most, std::size_t queue, Lookup::Clock::duration longest)
      : most_(most), queue_(queue), longest_(longest) {}

  // That loader's on this context.
  static LoaderLane& of(const Executor& executor, LoaderId loader, const DatabaseOptions& options);

  void push(LookupPtr lookup);
  // The leader, and those that come next, as many as a statement may ask for. Who has waited for too long gets
  // Error{db_unavailable} instead, and who has been cancelled resumes to end.
  std::vector<LookupPtr> take(LookupPtr leader);
  // Back to where they were.
  void put_back(std::span<const LookupPtr> lookups);
  // The leader has done its part: the next one that is still to be asked for leads.
  void hand_over();

 private:
  LookupPtr pop();
  // Answers those in front that are not to be asked for.
  void drop_hopeless(Lookup::Clock::time_point now);

  const std::size_t most_;
  const std::size_t queue_;
  const Lookup::Clock::duration longest_;
  bool led_ = false;
  std::size_t waiting_keys_ = 0;
  std::deque<LookupPtr> waiting_;  // not the one that leads
};

// What the leader asks for. When the leader is given up before it had an answer, the others wait for the next one.
class LoaderRound {
 public:
  explicit LoaderRound(LookupPtr leader);
  ~LoaderRound();
  LoaderRound(const LoaderRound&) = delete;
  LoaderRound& operator=(const LoaderRound&) = delete;

  const std::vector<LookupPtr>& lookups() const noexcept { return lookups_; }
  // All have their rows.
  void succeed();
  // None has; those that wait behind them ask for themselves. Does nothing where only the leader has been cancelled.
  void fail(const std::exception_ptr& why);

 private:
  // All but the leader, which goes on by itself.
  std::span<const LookupPtr> others() const noexcept { return std::span(lookups_).subspan(1); }

  LoaderLane& lane_;
  const std::vector<LookupPtr> lookups_;
  bool settled_ = false;
};

}  // namespace stoa::pg::detail
