#pragma once
// Shows the figures that the parts keep of themselves at /metrics. Everything handed in must outlive the
// last scrape.
#include <stoa/core/metrics.hpp>
#include <stoa/jobs/queue.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/realtime/gateway.hpp>

namespace stoa::app {

void bind_log(Metrics& metrics);
void bind_database(Metrics& metrics, const pg::Database& db);
void bind_jobs(Metrics& metrics, const jobs::Queue& queue);
void bind_runtime(Metrics& metrics, net::Runtime& runtime);
void bind_realtime(Metrics& metrics, const realtime::Gateway& gateway);

}  // namespace stoa::app
