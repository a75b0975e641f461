#pragma once
// What a Queue is: two lanes, and a clock that counts what is in the table.
#include "infra/jobs/lane.hpp"

#include <stoa/jobs/queue.hpp>

namespace stoa::jobs {

class Queue::Impl : public std::enable_shared_from_this<Queue::Impl> {
 public:
  Impl(pg::Database& db, net::Runtime& runtime, const config::Jobs& config);

  void add(Handler handler, Lane& lane);
  void add(const Chore& chore);
  void enqueue(pg::Tx& tx, std::string_view kind, const std::string& payload, const When& when);
  void start();
  void close();
  void stop(milliseconds longest);
  std::vector<std::string> kinds() const;
  KindStats stats(const std::string& kind) const;
  Lane& jobs() { return *jobs_; }

 private:
  Task<> count(std::shared_ptr<Impl> self);
  Task<> announce_chores();
  void remember(const std::vector<Tally>& tallies);

  pg::Database& db_;
  net::Shard& shard_;
  const config::Jobs config_;
  const WorkerId worker_ = WorkerId::make();
  std::map<std::string, std::shared_ptr<Handled>> handled_;  // as it is before the start
  std::vector<std::string> chores_;
  std::shared_ptr<Lane> jobs_, chore_lane_;

  mutable std::mutex mutex_;
  std::map<std::string, Tally> tallies_;
};

}  // namespace stoa::jobs
