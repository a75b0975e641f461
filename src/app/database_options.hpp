#pragma once
// The configuration's database section as the pool takes it.
#include <stoa/core/config.hpp>
#include <stoa/postgres/database.hpp>

namespace stoa::app {

inline pg::DatabaseOptions database_options(const config::Database& from) {
  pg::DatabaseOptions options;
  options.url = from.url.value;
  options.connections = from.connections;
  options.queue = from.queue;
  options.pipelines = from.pipelines;
  options.pipeline_depth = from.pipeline_depth;
  options.lookups = from.lookups;
  options.lookup_batch = from.lookup_batch;
  options.queue_timeout = from.queue_timeout;
  options.statement_timeout = from.statement_timeout;
  options.connect_timeout = from.connect_timeout;
  return options;
}

}  // namespace stoa::app
