#pragma once
// Removes what has had its day from the database, once an hour and at the start: rows that expire would
// otherwise stay for ever. Owned by the composition root; stops with its destruction.
#include <stoa/postgres/database.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace stoa::app {

class Housekeeping {
 public:
  explicit Housekeeping(pg::Database& db);
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void run();

  pg::Database& db_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace stoa::app
