#include "app/metrics_bindings.hpp"

#include <stoa/core/log.hpp>

namespace stoa::app {

namespace {

using DbStats = pg::DatabaseStats;
using ReadStats = DbStats (pg::Database::*)() const;

void bind_connections(Metrics& metrics, const pg::Database& db, const std::string& prefix,
                      const std::string& what, ReadStats read) {
  const auto value = [&db, read](auto member) {
    return [&db, read, member] { return static_cast<double>((db.*read)().*member); };
  };
  const auto show = [&](const char* state, std::size_t DbStats::* member) {
    metrics.observe(prefix + "connections", "Connections by state: " + what, value(member),
                    {{"state", state}});
  };
  show("busy", &DbStats::busy);
  show("idle", &DbStats::idle);
  show("disconnected", &DbStats::disconnected);
  metrics.observe(prefix + "queue", "What waits: " + what, value(&DbStats::queued));
  metrics.observe_total(prefix + "failures_total", "What failed: " + what,
                        value(&DbStats::failures));
  metrics.observe_total(prefix + "refused_total",
                        "What was refused because the queue was full: " + what,
                        value(&DbStats::refused));
}

}  // namespace

void bind_log(Metrics& metrics) {
  metrics.observe_total("stoa_log_lines_left_out_total",
                        "Lines of floods that were counted instead of written",
                        [] { return static_cast<double>(log::stats().left_out); });
  metrics.observe_total("stoa_log_lines_dropped_total",
                        "Lines that were dropped because what reads the log was too slow",
                        [] { return static_cast<double>(log::stats().dropped); });
}

void bind_database(Metrics& metrics, const pg::Database& db) {
  bind_connections(metrics, db, "stoa_db_", "the database threads", &pg::Database::stats);
  metrics.observe_total("stoa_db_transactions_total", "Units of work done by the database threads",
                        [&db] { return static_cast<double>(db.stats().transactions); });
  bind_connections(metrics, db, "stoa_db_pipeline_", "the shards' pipelines",
                   &pg::Database::pipeline_stats);
  metrics.observe_total("stoa_db_pipeline_statements_total", "Statements answered over pipelines",
                        [&db] { return static_cast<double>(db.pipeline_stats().transactions); });
}

void bind_jobs(Metrics& metrics, const jobs::Queue& queue) {
  const auto bind = [&](const std::string& kind, const std::string& label) {
    const auto value = [&queue, kind](auto member) {
      return [&queue, kind, member] { return static_cast<double>(queue.stats(kind).*member); };
    };
    using Stats = jobs::KindStats;
    const metrics::Labels labels = {{"kind", label}};
    metrics.observe("stoa_jobs_waiting", "Jobs that wait, also those that are due later",
                    value(&Stats::waiting), labels);
    metrics.observe("stoa_jobs_running", "Jobs that are being worked on, on any node",
                    value(&Stats::running), labels);
    metrics.observe("stoa_jobs_parked", "Jobs that have failed too often", value(&Stats::parked),
                    labels);
    metrics.observe("stoa_jobs_oldest_seconds", "By how much the first job that waits is late",
                    value(&Stats::oldest_seconds), labels);
    metrics.observe_total("stoa_jobs_done_total", "Attempts of this node that went well",
                          value(&Stats::done), labels);
    metrics.observe_total("stoa_jobs_failed_total", "Attempts of this node that failed",
                          value(&Stats::failed), labels);
  };
  for (const auto& kind : queue.kinds()) bind(kind, kind);
  bind("", "unknown");  // of other versions
}

void bind_runtime(Metrics& metrics, net::Runtime& runtime) {
  for (std::size_t i = 0; i < runtime.size(); ++i) {
    metrics.observe("stoa_event_loop_lag_seconds", "By how much a posted job came late, last time",
                    [&shard = runtime.shard(i)] {
                      return static_cast<double>(shard.lag_ns.load(std::memory_order_relaxed)) /
                             1e9;
                    },
                    {{"shard", std::to_string(i)}});
    metrics.observe_total(
        "stoa_event_loop_put_off_total", "Times that a connection's work waited for a later turn",
        [&shard = runtime.shard(i)] { return static_cast<double>(shard.turns.put_off()); },
        {{"shard", std::to_string(i)}});
    metrics.observe(
        "stoa_waiting_bytes", "Come and not dealt with, or not taken by clients yet",
        [&shard = runtime.shard(i)] { return static_cast<double>(shard.waiting.waiting()); },
        {{"shard", std::to_string(i)}});
    metrics.observe_total(
        "stoa_waiting_ended_total", "Connections that were ended because too many bytes waited",
        [&shard = runtime.shard(i)] { return static_cast<double>(shard.waiting.ended()); },
        {{"shard", std::to_string(i)}});
  }
}

void bind_realtime(Metrics& metrics, const realtime::Gateway& gateway) {
  using Stats = realtime::RealtimeStats;
  metrics.observe("stoa_node_info", "1, for the node of this name", [] { return 1.0; },
                  {{"node", gateway.node().name}});
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
  count("stoa_realtime_displaced_total", "Sessions of nobody known that gave way to later ones",
        &Stats::displaced);
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
