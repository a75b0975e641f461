#pragma once
// Health and totals for people and their dashboards, and the sign of life that sockets ask for. Members may be called on
// any shard.
#include <stoa/core/binding.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/http/route.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/realtime/event.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace stoa::status {

struct Health;
struct Stats;

// Figures that live in memory, read at each call; thread-safe.
struct LiveFigures {
  std::size_t groups = 0;
  std::size_t people = 0;
  std::size_t connections = 0;
};

class Status {
 public:
  Status(pg::Database& db, std::string name, std::string version,
         std::function<LiveFigures()> live);
  ~Status();

  Task<Health> health(Client client);
  Task<Stats> stats(Client client);
  // Its acknowledgement is all that is wanted: a page cannot see WebSocket's own pings.
  void heartbeat(const realtime::SessionPtr& session, Empty nothing);

 private:
  struct Cache;
  class Counting;
  pg::Database& db_;
  std::string name_;
  std::string version_;
  std::function<LiveFigures()> live_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::shared_ptr<Cache> cache_;
};

http::Routes status_routes(Status& status);
realtime::Events status_events(Status& status);

}  // namespace stoa::status
