#include "features/users/time_zones.hpp"

#include "features/users/users_store.hpp"

#include <utility>

namespace stoa::users {

std::shared_ptr<const TimeZones::Names> TimeZones::known() {
  const std::scoped_lock lock(mutex_);
  return names_;
}

void TimeZones::keep(std::shared_ptr<const Names> names) {
  const std::scoped_lock lock(mutex_);
  names_ = std::move(names);
}

Task<bool> TimeZones::has(std::string name) {
  auto names = known();
  if (!names) {
    const std::vector<std::string> list = co_await db_.run(store::list_time_zones());
    names = std::make_shared<const Names>(list.begin(), list.end());
    keep(names);
  }
  co_return names->contains(name);
}

}  // namespace stoa::users
