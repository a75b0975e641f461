#pragma once
// Whether other servers work on the same database, which do not hear this one's messages: meant while a new version takes over from
// an old one, a mistake otherwise, and said in the log either way. Each server's connections carry its name, so that
// PostgreSQL knows who is there, and forgets whoever is gone.
//
// Owned by the application. Members may be called on any thread.

#include <stoa/postgres/database.hpp>
#include <stoa/postgres/ticker.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace stoa::app {

// A name for the connections of this process, unlike that of any other.
std::string make_instance();

class OtherServers {
 public:
  explicit OtherServers(pg::Database& db) : db_(db) {}

  // Looks at once, and then again and again until stop(). Throws as the database does.
  void start(std::chrono::milliseconds period);
  void stop() { ticker_.reset(); }
  std::size_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  void look();

  pg::Database& db_;
  std::atomic<std::size_t> count_{0};
  std::optional<pg::Ticker> ticker_;
};

}  // namespace stoa::app
