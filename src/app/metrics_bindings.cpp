#include "app/metrics_bindings.hpp"

namespace stoa::app {

void bind_database(Metrics& metrics, const pg::Database& db) {
  const auto show = [&](const char* state, auto member) {
    metrics.observe("stoa_db_connections", "Database connections by state",
                    [&db, member] { return static_cast<double>(db.stats().*member); },
                    {{"state", state}});
  };
  show("busy", &pg::DatabaseStats::busy);
  show("idle", &pg::DatabaseStats::idle);
  show("disconnected", &pg::DatabaseStats::disconnected);
  metrics.observe("stoa_db_queue", "Work that waits for a database connection",
                  [&db] { return static_cast<double>(db.stats().queued); });
  const auto count = [&](const char* name, const char* help, auto member) {
    metrics.observe_total(name, help,
                          [&db, member] { return static_cast<double>(db.stats().*member); });
  };
  count("stoa_db_transactions_total", "Units of work done", &pg::DatabaseStats::transactions);
  count("stoa_db_failures_total", "Units of work that failed", &pg::DatabaseStats::failures);
  count("stoa_db_refused_total", "Units of work refused because the queue was full",
        &pg::DatabaseStats::refused);
}

void bind_runtime(Metrics& metrics, net::Runtime& runtime) {
  for (std::size_t i = 0; i < runtime.size(); ++i) {
    metrics.observe("stoa_event_loop_lag_seconds", "By how much a posted job came late, last time",
                    [&shard = runtime.shard(i)] {
                      return static_cast<double>(shard.lag_ns.load(std::memory_order_relaxed)) /
                             1e9;
                    },
                    {{"shard", std::to_string(i)}});
  }
}

void bind_realtime(Metrics& metrics, const realtime::Gateway& gateway) {
  using Stats = realtime::RealtimeStats;
  metrics.observe("stoa_realtime_sessions", "Sockets that are open",
                  [&gateway] { return static_cast<double>(gateway.sessions()); });
  metrics.observe("stoa_realtime_subscriptions", "Topics that the sockets listen to, in all",
                  [&gateway] { return static_cast<double>(gateway.stats().subscriptions); });
  const auto count = [&](const char* name, const char* help, std::uint64_t Stats::* member) {
    metrics.observe_total(
        name, help, [&gateway, member] { return static_cast<double>(gateway.stats().*member); });
  };
  count("stoa_realtime_sessions_total", "Sockets opened", &Stats::sessions_opened);
  count("stoa_realtime_upgrades_refused_total", "Sockets refused before the upgrade",
        &Stats::upgrades_refused);
  count("stoa_realtime_messages_in_total", "Frames received", &Stats::messages_in);
  count("stoa_realtime_frames_out_total", "Frames sent", &Stats::frames_out);
  count("stoa_realtime_bytes_out_total", "Bytes sent", &Stats::bytes_out);
  count("stoa_realtime_writes_total", "Writes; frames over writes shows the gathering",
        &Stats::writes);
  count("stoa_realtime_slow_readers_total", "Sockets closed because they did not read",
        &Stats::slow_readers);
  count("stoa_realtime_frames_dropped_total", "Frames that slow readers did not get",
        &Stats::frames_dropped);
  count("stoa_realtime_rate_limited_total", "Events refused by the rate limit",
        &Stats::rate_limited);
  count("stoa_realtime_malformed_total", "Frames that were no event", &Stats::malformed);
}

}  // namespace stoa::app
