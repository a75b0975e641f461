#pragma once
// The names of the time zones that the database knows. They are read once, when the first is asked for, and kept: the database reads
// some six hundred files for them. Any thread.
#include <stoa/core/task.hpp>
#include <stoa/postgres/database.hpp>

#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace stoa::users {

class TimeZones {
 public:
  explicit TimeZones(pg::Database& db) : db_(db) {}

  Task<bool> has(std::string name);

 private:
  using Names = std::set<std::string, std::less<>>;

  std::shared_ptr<const Names> known();
  void keep(std::shared_ptr<const Names> names);

  pg::Database& db_;
  std::mutex mutex_;
  std::shared_ptr<const Names> names_;
};

}  // namespace stoa::users
