#pragma once
// The thread that opens the pipelines' connections. libpq looks names up with a call that blocks, and would do so on a
// shard; here it blocks nobody. Connects one after the other, each within the configured time, and again after a pause
// until it succeeds or nobody wants the connection any more.
#include "infra/postgres/backoff.hpp"
#include "infra/postgres/libpq.hpp"

#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace stoa::pg {

// The receiver of connections. Both are called on the connector's thread.
class ConnectionTaker {
 public:
  virtual ~ConnectionTaker() = default;
  virtual void connected(std::size_t slot, PgConn connection) = 0;
  // Answers whether to try again.
  virtual bool connect_failed(const std::string& why) = 0;
};

class Connector {
 public:
  // `address` as connection_string() makes it.
  explicit Connector(std::string address);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  // Any thread.
  void request(std::weak_ptr<ConnectionTaker> taker, std::size_t slot);
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct Wanted {
    std::weak_ptr<ConnectionTaker> taker;
    std::size_t slot;
    Clock::time_point due;
    Backoff backoff;
  };

  void loop();
  // True when there is nothing left to do for it.
  bool connect(const Wanted& wanted);

  const std::string address_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Wanted> wanted_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace stoa::pg
