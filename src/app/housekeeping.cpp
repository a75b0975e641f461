#include "app/housekeeping.hpp"

#include <stoa/core/log.hpp>

#include <chrono>
#include <utility>

namespace stoa::app {
namespace {

constexpr std::chrono::hours kEvery{1};
constexpr int kSlice = 1000;  // rows in one transaction

}  // namespace

Housekeeping::Housekeeping(pg::Database& db, Chores chores)
    : db_(db), chores_(std::move(chores)), thread_([this] { run(); }) {}

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
    for (const Chore& chore : chores_) do_chore(chore);
    lock.lock();
    wake_.wait_for(lock, kEvery, [this] { return stopping_; });
  }
}

bool Housekeeping::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

// One that fails does not keep the others from being done.
void Housekeeping::do_chore(const Chore& chore) {
  try {
    std::int64_t done = kSlice;
    while (done >= kSlice && !stopping()) {
      done = db_.run_blocking([&chore](pg::Tx& tx) { return chore.tidy(tx, kSlice); });
    }
  } catch (const std::exception& error) {
    log::warn("housekeeping_failed", {{"chore", chore.name}, {"reason", error.what()}});
  }
}

}  // namespace stoa::app
