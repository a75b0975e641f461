#pragma once
// Writes jobs (<stoa/jobs/job.hpp>) and does them. Each node has one: its workers take what is due with `for update skip
// locked`, woken by what is enqueued here and, for what is due later or was enqueued elsewhere, by a clock.
//
// A process that takes a job holds it for jobs.lease, renewed while its handler runs. When the process has died and the
// lease is over, the job is taken again. An attempt counts when it is taken. What a late process then says of the job
// changes nothing: it has to name itself and the attempt.
//
// Workers are shared out among the kinds: a kind with many jobs gets as many as the others leave, and all but one at most.
// Chores have a worker of their own.
//
// Owned by the composition root. enqueue(), kinds() and stats() may be called on any thread.
#include <stoa/core/config.hpp>
#include <stoa/jobs/chore.hpp>
#include <stoa/jobs/job.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/postgres/database.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::jobs {

struct KindStats {
  // As the database had them a moment ago, of all nodes.
  std::int64_t waiting = 0, running = 0, parked = 0;
  double oldest_seconds = 0;  // by how much the first of those that wait is late
  // Attempts of this node.
  std::uint64_t done = 0, failed = 0;
};

class Queue {
 public:
  Queue(pg::Database& db, net::Runtime& runtime, const config::Jobs& config);
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // A payload that is longer than some KiB belongs into a table of its own.
  template <class Payload>
  void enqueue(pg::Tx& tx, const Kind<Payload>& kind, const Payload& payload,
               const When& when = {}) {
    add(tx, kind.name, write(payload), when);
  }

  // Before start(). A second handler of a kind is a std::logic_error.
  void add(Handlers handlers);
  void add(const Chores& chores);
  // Once the runtime runs and the tables are there.
  void start();
  // Takes no more jobs. Any thread.
  void close();
  // Waits so long for the handlers that run, cancels the others, and gives back what was not done. While the runtime runs; blocks.
  void stop(std::chrono::milliseconds longest);

  // Those with a handler here. stats() of any other name: of all others that wait in the table.
  std::vector<std::string> kinds() const;
  KindStats stats(const std::string& kind) const;

 private:
  class Impl;
  void add(pg::Tx& tx, std::string_view kind, const std::string& payload, const When& when);

  std::shared_ptr<Impl> impl_;
};

}  // namespace stoa::jobs
