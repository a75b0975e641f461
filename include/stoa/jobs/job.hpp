#pragma once
// What is done later, at least once. A job is a row, written in the transaction that wants it; a worker of any node takes it,
// tries again after a while when it fails, and parks it for an operator when it has failed too often.
//
//   struct Reminder { RoomId room; };
//   BOOST_DESCRIBE_STRUCT(Reminder, (), (room))
//   inline constexpr jobs::Kind<Reminder> kRemind{"remind"};
//
//   jobs_.enqueue(tx, kRemind, Reminder{room}, {.after = 10min, .key = room.str()});  // in a transaction
//   module.jobs = {jobs::handle(kRemind, [r](Reminder job) { return r->remind(job); })};  // in the feature's row
//
// A handler is a coroutine on a shard: it must not block. What it throws makes the attempt fail; Hopeless says that no other
// would do better. It may run twice, even at the same time: a process may die, or be cut off from the database, between the work
// and the note that it is done. What it does to the database it does once by ending the job in the same transaction:
//
//   Task<> Reminders::remind(Reminder job, jobs::Attempt attempt) {
//     auto work = [job, attempt](pg::Tx& tx) { tx.run(store::insert_notice(job.room)); attempt.finish(tx); };
//     co_await db_.transaction(std::move(work));
//   }
//
// To others it names itself by attempt.job(), which is the same each time.
#include <stoa/core/binding.hpp>
#include <stoa/core/task.hpp>
#include <stoa/postgres/tx.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::jobs {

using JobId = Id<struct JobTag>;

// What a kind does otherwise than [jobs] of the configuration says.
struct Policy {
  std::optional<std::size_t> attempts = {};
  std::optional<std::chrono::milliseconds> first_wait = {};
  std::optional<std::chrono::milliseconds> longest_wait = {};
  std::optional<std::chrono::milliseconds> time_limit = {};
};

// Known by its name, which stands in the rows: a constant of the feature that handles it.
template <class Payload>
struct Kind {
  std::string_view name;  // of 64 characters at most
  Policy policy = {};
};

struct When {
  std::chrono::milliseconds after{0};
  // One job a kind and key: while one waits, another is the same, with the payload of the first and the sooner time of the
  // two. One that has begun is done once more, since what is wanted now may have come too late for it. At most 255 characters.
  std::optional<std::string> key = {};
};

struct AttemptState;

// One run of a job, as its handler sees it. Cheap to copy.
class Attempt {
 public:
  explicit Attempt(std::shared_ptr<AttemptState> state) : state_(std::move(state)) {}

  JobId job() const noexcept;
  int number() const noexcept;  // from 1
  // Ends the job in the transaction that does its work, so that both are done or neither. Throws Superseded, which
  // undoes the transaction, where another process has the job by now.
  void finish(pg::Tx& tx) const;
  // The job is not deleted when it has been done, but due again after that time, as a new one. On the shard, before finish().
  void again_after(std::chrono::milliseconds wait) const;

 private:
  std::shared_ptr<AttemptState> state_;
};

struct Superseded : std::runtime_error {
  Superseded() : std::runtime_error("another process has the job") {}
};
// Trying again is of no use: a handler that throws it has its job parked at once, whatever attempts are left.
struct Hopeless : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// The row is not such a payload, perhaps another version's.
struct Unreadable : Hopeless {
  using Hopeless::Hopeless;
};

struct Handler {
  std::string kind;
  Policy policy;
  std::function<Task<>(Attempt, const std::string& payload)> run;  // kept while the task runs
};
using Handlers = std::vector<Handler>;

namespace detail {
// Throws Unreadable.
void read_payload(const std::string& text, const std::function<void(JsonView)>& read);
}  // namespace detail

// `work` takes the payload and, where it wants to, the attempt.
template <class Payload, class Work>
Handler handle(const Kind<Payload>& kind, Work work) {
  auto run = [work = std::move(work)](Attempt attempt, const std::string& text) mutable -> Task<> {
    Payload payload{};
    detail::read_payload(text, [&payload](JsonView json) { payload = read<Payload>(json); });
    if constexpr (std::is_invocable_v<Work&, Payload, Attempt>) {
      return work(std::move(payload), std::move(attempt));
    } else {
      return work(std::move(payload));
    }
  };
  return {std::string(kind.name), kind.policy, std::move(run)};
}

}  // namespace stoa::jobs
