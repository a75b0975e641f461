#include "features/status/status_store.hpp"
#include "features/status/status_types.hpp"

#include <stoa/status/status.hpp>

#include <optional>

namespace stoa::status {

// The totals cost a count over users, so strangers asking often share one answer, and one of them counts.
struct Status::Cache {
  static constexpr std::chrono::seconds kLifetime{5};
  std::mutex mutex;
  std::optional<store::Totals> totals;
  std::chrono::steady_clock::time_point read_at;
  bool is_counting = false;

  // Those that are fresh enough, or that somebody reads anew already; empty for the one who has to, and holds a Counting. Throws
  // Error{overloaded} while the first ones are read.
  std::optional<store::Totals> find() {
    const std::lock_guard lock(mutex);
    const bool is_fresh = totals && std::chrono::steady_clock::now() - read_at <= kLifetime;
    if (is_fresh || is_counting) {
      if (!totals) throw Error(Code::overloaded).retry_after(std::chrono::seconds(1));
      return totals;
    }
    is_counting = true;
    return std::nullopt;
  }
  void keep(const store::Totals& now_read) {
    const std::lock_guard lock(mutex);
    totals = now_read;
    read_at = std::chrono::steady_clock::now();
  }
};

// Somebody's count, however it ends: then the next one who asks may count.
class Status::Counting {
 public:
  explicit Counting(std::shared_ptr<Cache> cache) : cache_(std::move(cache)) {}
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;
  ~Counting() {
    const std::lock_guard lock(cache_->mutex);
    cache_->is_counting = false;
  }

 private:
  const std::shared_ptr<Cache> cache_;
};

Status::Status(pg::Database& db, std::string name, std::string version,
               std::function<LiveFigures()> live)
    : db_(db),
      name_(std::move(name)),
      version_(std::move(version)),
      live_(std::move(live)),
      cache_(std::make_shared<Cache>()) {}

Status::~Status() = default;

void Status::heartbeat(const realtime::SessionPtr&, Empty) {}

Task<Health> Status::health(Client) {
  const auto live = live_();
  const bool database = db_.healthy();
  Health health;
  health.status = database ? Overall::ok : Overall::degraded;
  health.timestamp = now();
  health.uptime =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  health.name = name_;
  health.version = version_;
  health.stats.total_groups = static_cast<std::int64_t>(live.groups);
  health.stats.total_users = static_cast<std::int64_t>(live.people);
  if (live.groups > 0) {
    health.stats.average_group_size =
        static_cast<double>(live.people) / static_cast<double>(live.groups);
  }
  health.components.database = database ? Component::up : Component::down;
  co_return health;
}

Task<Stats> Status::stats(Client) {
  auto totals = cache_->find();
  if (!totals) {
    const Counting counting(cache_);
    totals = co_await db_.run(store::get_totals());
    cache_->keep(*totals);
  }
  const auto live = live_();
  Stats stats;
  stats.groups = static_cast<std::int64_t>(live.groups);
  stats.connections = static_cast<std::int64_t>(live.connections);
  stats.users = totals->users;
  stats.rooms = totals->rooms;
  stats.messages = totals->messages;
  co_return stats;
}

}  // namespace stoa::status
