#include <stoa/core/mongo_ids.hpp>

#include <atomic>

namespace stoa {
namespace {

std::atomic<bool> are_wanted{false};

}  // namespace

void write_mongo_ids(bool wanted) noexcept {
  are_wanted.store(wanted, std::memory_order_relaxed);
}

bool writes_mongo_ids() noexcept {
  return are_wanted.load(std::memory_order_relaxed);
}

}  // namespace stoa
