#include "infra/postgres/connector.hpp"

#include "infra/postgres/failures.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>

namespace stoa::pg {

Connector::Connector(std::string address)
    : address_(std::move(address)), thread_([this] { loop(); }) {
  pthread_setname_np(thread_.native_handle(), "db-connect");
}

Connector::~Connector() {
  stop();
}

void Connector::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Connector::request(std::weak_ptr<ConnectionTaker> taker, std::size_t slot) {
  {
    const std::scoped_lock lock(mutex_);
    wanted_.push_back({std::move(taker), slot, Clock::now(), Backoff()});
  }
  changed_.notify_all();
}

void Connector::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto next = std::min_element(wanted_.begin(), wanted_.end(),
                                       [](const auto& a, const auto& b) { return a.due < b.due; });
    if (next == wanted_.end()) {
      changed_.wait(lock);
    } else if (next->due > Clock::now()) {
      changed_.wait_until(lock, Clock::time_point(next->due));
    } else {
      lock.unlock();  // only this thread takes from the list
      const bool done = connect(*next);
      lock.lock();
      if (done) {
        wanted_.erase(next);
      } else {
        next->due = Clock::now() + next->backoff.next();
      }
    }
  }
}

bool Connector::connect(const Wanted& wanted) {
  if (wanted.taker.expired()) return true;
  PgConn connection(PQconnectdb(address_.c_str()));
  std::string why;
  if (!connection) {
    why = "out of memory";
  } else if (PQstatus(connection.get()) != CONNECTION_OK) {
    why = first_line(PQerrorMessage(connection.get()));
  } else if (PQsetnonblocking(connection.get(), 1) != 0 ||
             PQenterPipelineMode(connection.get()) != 1) {
    why = "libpq refuses its pipeline mode";
  } else {
    // libpq would write notices to stderr.
    PQsetNoticeReceiver(connection.get(), [](void*, const PGresult*) {}, nullptr);
  }
  const auto taker = wanted.taker.lock();
  if (!taker) return true;
  if (why.empty()) {
    try {
      taker->connected(wanted.slot, std::move(connection));
      return true;
    } catch (const std::exception& e) {
      why = e.what();
    }
  }
  return !taker->connect_failed(why);
}

}  // namespace stoa::pg
