#include "app/housekeeping.hpp"

#include "app/idempotency_store.hpp"

#include <stoa/core/log.hpp>

#include <chrono>

namespace stoa::app {
namespace {

constexpr std::chrono::hours kEvery{1};

void purge_auth_sessions(pg::Tx& tx) {
  // A month after its end nobody asks any more what a sign-in was.
  tx.run(
      "delete from auth_sessions where expires_at < now() - interval '30 days' "
      "or revoked_at < now() - interval '30 days'");
}

}  // namespace

Housekeeping::Housekeeping(pg::Database& db) : db_(db), thread_([this] { run(); }) {}

Housekeeping::~Housekeeping() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Housekeeping::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    try {
      db_.run_blocking([](pg::Tx& tx) {
        purge_idempotency_keys(tx);
        purge_auth_sessions(tx);
      });
    } catch (const std::exception& error) {
      log::warn("housekeeping_failed", {{"reason", error.what()}});
    }
    lock.lock();
    wake_.wait_for(lock, kEvery, [this] { return stopping_; });
  }
}

}  // namespace stoa::app
