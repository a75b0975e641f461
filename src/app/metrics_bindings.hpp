#pragma once
// Shows the figures that the parts keep of themselves at /metrics. Everything handed in must outlive the
// last scrape.
#include <stoa/core/metrics.hpp>
#include <stoa/core/worker_pool.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/peerserver/peerserver.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/realtime/gateway.hpp>
#include <stoa/whiteboard/whiteboard.hpp>

namespace stoa::app {

void bind_database(Metrics& metrics, const pg::Database& db);
void bind_workers(Metrics& metrics, const WorkerPool& pool, const std::string& name);
void bind_runtime(Metrics& metrics, net::Runtime& runtime);
void bind_realtime(Metrics& metrics, const realtime::Gateway& gateway);
void bind_peerserver(Metrics& metrics, const peerserver::PeerServer& server);
void bind_whiteboard(Metrics& metrics, const whiteboard::Whiteboard& whiteboard);

}  // namespace stoa::app
