#pragma once
// What has to happen in memory because of what was committed. A transaction collects it (pg::Tx is an Effects), and the
// database runs it once the outcome of the commit is known, before the caller of the transaction goes on:
//
//   co_await db_.transaction([this, room](pg::Tx& tx) {
//     tx.run(store::close_room(room));
//     tx.then([this, room] { hub_.dissolve(topic_of(room)); });
//   });
//
// A transaction that fails or runs again has had no effects. Those of one transaction run in the order in which they were
// added. Those of two transactions that wait for the same row run in the order of their commits, and so does whatever two
// effects do to the same thing in memory. They run on a database thread, one at a time for the whole database: they must
// not block, and what they throw is logged and lost.
#include <functional>

namespace stoa {

class Effects {
 public:
  using Effect = std::function<void()>;

  // Only when the commit is certain: for what is told as a fact.
  virtual void on_commit(Effect effect) = 0;
  // When the commit is certain, or in doubt because its answer was lost: for what is harmless once too often and
  // harmful to forget, such as closing the sockets of a sign-in that has ended.
  virtual void then(Effect effect) = 0;

 protected:
  ~Effects() = default;
};

}  // namespace stoa
