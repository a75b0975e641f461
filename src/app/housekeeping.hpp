#pragma once
// Does the chores (<stoa/module/chore.hpp>) once an hour and at the start, one after the other in small slices. Owned
// by the composition root; stops with its destruction.
#include <stoa/module/chore.hpp>
#include <stoa/postgres/database.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace stoa::app {

class Housekeeping {
 public:
  Housekeeping(pg::Database& db, Chores chores);
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void run();
  bool stopping();
  void do_chore(const Chore& chore);

  pg::Database& db_;
  const Chores chores_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace stoa::app
