#include "results.hpp"

namespace load {

using Json = nlohmann::ordered_json;

double per(double amount, std::uint64_t count) {
  return count == 0 ? 0 : amount / static_cast<double>(count);
}

double seconds_between(const Reading& before, const Reading& after) {
  return static_cast<double>(after.time - before.time) * 1e-9;
}

void put_latency(Json& result, const Histogram& latency) {
  result["p50_us"] = latency.quantile_microseconds(0.50);
  result["p90_us"] = latency.quantile_microseconds(0.90);
  result["p99_us"] = latency.quantile_microseconds(0.99);
  result["max_us"] = latency.max_microseconds();
}

void put_cost(Json& result, const Options& options, const Reading& before, const Reading& after,
              std::uint64_t pieces) {
  const double seconds = seconds_between(before, after);
  const double own = after.busy - before.busy;
  result["generator_us"] = per(own * 1e6, pieces);
  result["generator_busy_share"] = own / seconds / options.threads;
  if (options.database_pid != 0) {
    const double database = after.database_cpu - before.database_cpu;
    result["database_cpu_us"] = per(database * 1e6, pieces);
    result["database_cpu_share"] = database / seconds;
  }
  if (options.pid == 0) return;
  const double server = after.server_cpu - before.server_cpu;
  result["server_cpu_us"] = per(server * 1e6, pieces);
  result["server_cpu_share"] = server / seconds;
  if (options.server_core >= 0) {
    result["others_share"] = (after.core_busy - before.core_busy - server) / seconds;
  }
  result["headroom"] = own > 0 ? server / own : 0;
}

Json measure_answers(Crew& crew, const Options& options, const char* scenario,
                     const std::string& unit, std::uint64_t Reading::* pieces) {
  crew.set_up();
  Reading before;
  Reading after;
  crew.measure(before, after);
  crew.drain(kDrainSeconds, [](const Reading& now) { return now.acks >= now.sends; });
  const Reading end = crew.read();
  const double seconds = seconds_between(before, after);
  const std::uint64_t done = after.*pieces - before.*pieces;
  Json result{{"scenario", scenario}, {"seconds", seconds}, {unit, done}};
  result[unit + "_per_s"] = static_cast<double>(done) / seconds;
  put_cost(result, options, before, after, done);
  Histogram latency;
  for (const auto& worker : crew.workers()) latency.merge(worker->ack_latency());
  put_latency(result, latency);
  result["missing"] = end.sends - end.acks;
  put_faults(result, crew, end);
  return result;
}

void put_faults(Json& result, const Crew& crew, const Reading& end) {
  result["errors"] = end.errors;
  result["closed"] = end.closed;
  const std::string error = crew.first_error();
  if (!error.empty()) result["first_error"] = error;
}

}  // namespace load
