// fanout, sends and idle: the scenarios over WebSocket connections to a server.
#include "process.hpp"
#include "results.hpp"
#include "scenarios.hpp"

#include <csignal>
#include <stdexcept>
#include <thread>

namespace load {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kQuietNanoseconds = 300'000'000;

// Deliveries that never came: every member of a room has to see every message of its sender. The
// sender itself counts where the server sends it its own messages back.
std::uint64_t count_missing(const Crew& crew) {
  std::uint64_t missing = 0;
  for (const auto& worker : crew.workers()) {
    for (const Connection& connection : worker->connections()) {
      const std::uint64_t sent = connection.room->sent.load();
      const bool has_no_echo = connection.role == Role::kSender && connection.received == 0;
      if (!has_no_echo && connection.received < sent) missing += sent - connection.received;
    }
  }
  return missing;
}

}  // namespace

Json run_fanout(const Options& options) {
  Crew crew(options);
  crew.make_rooms(options.rooms, true);
  for (int member = options.members - 1; member >= 0; --member) {
    for (int room = 0; room < options.rooms; ++room) {
      crew.add(crew.room(room), member == 0 ? Role::kSender : Role::kMember);
    }
  }
  crew.set_up();
  Reading before;
  Reading after;
  crew.measure(before, after);
  // Where a sender hears its own message too, that counts as well; where it does not, the rest is
  // complete when nothing more has come for a while.
  const auto members = static_cast<std::uint64_t>(options.members);
  std::uint64_t seen = 0;
  std::int64_t seen_at = now_nanoseconds();
  crew.drain(kDrainSeconds, [&](const Reading& now) {
    if (now.deliveries != seen) {
      seen = now.deliveries;
      seen_at = now.time;
    }
    if (now.acks + now.errors < now.sends) return false;
    if (now.deliveries >= now.sends * members) return true;
    return now.deliveries >= now.sends * (members - 1) && now.time - seen_at > kQuietNanoseconds;
  });

  const Reading end = crew.read();
  const double seconds = seconds_between(before, after);
  const std::uint64_t deliveries = after.deliveries - before.deliveries;
  Json result{{"scenario", "fanout"},
              {"rooms", options.rooms},
              {"members", options.members},
              {"window", options.window},
              {"seconds", seconds},
              {"deliveries", deliveries},
              {"deliveries_per_s", static_cast<double>(deliveries) / seconds}};
  result["messages_per_s"] = static_cast<double>(after.sends - before.sends) / seconds;
  put_cost(result, options, before, after, deliveries);
  Histogram latency;
  for (const auto& worker : crew.workers()) latency.merge(worker->delivery_latency());
  put_latency(result, latency);
  result["bytes_a_delivery"] = per(static_cast<double>(after.bytes - before.bytes), deliveries);
  result["deliveries_a_read"] = per(static_cast<double>(deliveries), after.reads - before.reads);
  result["missing"] = count_missing(crew);
  result["misordered"] = end.misordered;
  put_faults(result, crew, end);
  return result;
}

Json run_sends(const Options& options) {
  Crew crew(options);
  const int rooms = options.rooms < options.connections ? options.rooms : options.connections;
  if (rooms < 1) throw std::runtime_error("sends need a room");
  crew.make_rooms(rooms, false);
  for (int i = 0; i < options.connections; ++i) crew.add(crew.room(i % rooms), Role::kSender);
  Json result = measure_answers(crew, options, "sends", "acks", &Reading::acks);
  result["connections"] = options.connections;
  result["rooms"] = rooms;
  result["window"] = options.window;
  return result;
}

Json run_idle(const Options& options) {
  if (options.pid == 0) throw std::runtime_error("idle needs --pid");
  Crew crew(options);
  crew.make_rooms(options.rooms, false);
  for (int i = 0; i < options.connections; ++i) {
    crew.add(options.rooms == 0 ? nullptr : crew.room(i % options.rooms), Role::kMember);
  }
  const std::int64_t before = resident_bytes(options.pid);
  crew.set_up();
  if (options.collect_garbage) kill(options.pid, SIGUSR2);
  // The reading counts when two of them, half a second apart, agree within half a percent.
  std::int64_t after = resident_bytes(options.pid);
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    const std::int64_t next = resident_bytes(options.pid);
    const bool is_settled = i >= 3 && std::abs(next - after) < after / 200;
    after = next;
    if (is_settled) break;
  }
  const Reading end = crew.read();
  crew.stop();
  Json result{{"scenario", "idle"},
              {"connections", options.connections},
              {"resident_before", before},
              {"resident_after", after},
              {"bytes_a_connection", static_cast<double>(after - before) / options.connections}};
  put_faults(result, crew, end);
  return result;
}

}  // namespace load
