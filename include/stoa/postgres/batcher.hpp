#pragma once
// Group commit: what many callers add is written in one transaction. While a commit is under way the next
// batch gathers, so that throughput grows with the load and a lone item waits for one commit only.
//
//   pg::Batcher<NewMessage, MessageView> batcher(db.options(), {.batch = 512},
//       [](pg::Tx& tx, std::span<const NewMessage> in) { return insert_messages(tx, in); },
//       [&hub](std::span<const NewMessage> in, std::span<const pg::BatchResult<MessageView>> out) { ... });
//   MessageView stored = co_await batcher.add(std::move(message));
//
// One lane with a thread and a connection of its own: batches are committed one after the other, and
// items in the order of add(), which one executor's callers keep. Owned by the composition root; add()
// may be called from any executor and answers there.
//
// `work` runs in the transaction, on the lane's thread, and answers one result an item: what was stored,
// or the Error that this item's caller gets. An Error that it throws goes to the whole batch; any other
// exception makes the lane try smaller parts, so that one bad item fails alone. So it may run again, and
// has no effects but those in the database. With Mode::autocommit it is one statement that writes, and
// nothing after it that can fail: what was written stays.
// `on_committed` runs after each commit, in commit order, on the lane's thread, before any caller
// resumes: the place to publish. It must not throw and not block.
//
// `on_doubt`, where given, runs on the same thread for items whose caller gets db_unavailable although
// their work was begun: an answer was lost, and the rows may be there without on_committed having seen them.
//
// A batch is bounded in items and in bytes, so that it ends well before the statement's time is over, and what
// one owner adds does not take the batches from the others.
//
// Errors of add(): overloaded at once when the queue is full; db_unavailable when the item waited too
// long or its commit failed or is in doubt; shutting_down after stop().
#include <stoa/core/error.hpp>
#include <stoa/core/task.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/postgres/detail/batch_loop.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace stoa::pg {

template <class Out>
using BatchResult = std::variant<Out, Error>;

namespace detail {
template <class In, class Out>
class TypedBatchLoop;
template <class In, class Out>
class TypedItem;
}  // namespace detail

template <class In, class Out>
class Batcher {
 public:
  using Result = BatchResult<Out>;
  using Work = std::function<std::vector<Result>(Tx&, std::span<const In>)>;
  using Committed = std::function<void(std::span<const In>, std::span<const Result>)>;
  using Doubt = std::function<void(std::span<const In>)>;

  // `database` says where and with which time-outs; the number of connections is always one.
  Batcher(DatabaseOptions database, BatcherOptions options, Work work, Committed on_committed,
          Doubt on_doubt = {});
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  // The item is in the queue once the task is awaited.
  Task<Out> add(In item, BatchWeight weight = {});

  // The same in two steps, for a caller that has a coroutine around it anyway and would not pay for another one:
  //
  //   auto entry = batcher.enter(std::move(item));
  //   co_await entry.stored();   // now it is in the queue; throws what add() throws
  //   Out out = entry.take();    // once, and only after that
  class Entry {
   public:
    Entry(Entry&&) noexcept = default;
    Entry& operator=(Entry&&) noexcept = default;

    [[nodiscard]] auto stored() const { return detail::Waiter::wait(item_); }
    Out take() { return std::move(*item_->out); }

   private:
    friend class Batcher;
    explicit Entry(std::shared_ptr<detail::TypedItem<In, Out>> item) : item_(std::move(item)) {}
    std::shared_ptr<detail::TypedItem<In, Out>> item_;
  };
  [[nodiscard]] Entry enter(In&& item, BatchWeight weight = {});

  BatcherStats stats() const;
  // Refuses new items, commits what is queued, joins the lane. The time-outs bound it. Blocks.
  void stop();

 private:
  static Task<Out> answer(Entry entry);

  std::shared_ptr<detail::TypedBatchLoop<In, Out>> loop_;
};

}  // namespace stoa::pg

#include <stoa/postgres/detail/batcher_impl.hpp>
