// relay, echo and connect: the scenarios that no room and no database take part in.
#include "results.hpp"
#include "scenarios.hpp"

#include <string>

namespace load {
namespace {

using Json = nlohmann::ordered_json;

// Runs the crew to its end and says what the pieces of work, `pieces` of a reading, cost.
Json measure(Crew& crew, const Options& options, const char* scenario, const char* unit,
             std::uint64_t Reading::* pieces) {
  crew.set_up();
  Reading before;
  Reading after;
  crew.measure(before, after);
  crew.drain(kDrainSeconds, [](const Reading& now) { return now.acks >= now.sends; });
  const Reading end = crew.read();
  const std::uint64_t done = after.*pieces - before.*pieces;
  Json result{{"scenario", scenario}, {"seconds", seconds_between(before, after)}};
  result[std::string(unit) + "_per_s"] = static_cast<double>(done) / seconds_between(before, after);
  put_cost(result, options, before, after, done);
  Histogram latency;
  for (const auto& worker : crew.workers()) latency.merge(worker->ack_latency());
  put_latency(result, latency);
  result["missing"] = end.sends - end.acks;
  put_faults(result, crew, end);
  return result;
}

}  // namespace

// The latency is from a signal's leaving to the coming of the one that the other gave back: two relays.
Json run_relay(const Options& options) {
  Crew crew(options);
  crew.make_rooms(options.rooms, false);
  for (int pair = 0; pair < options.rooms; ++pair) {
    crew.add(crew.room(pair), Role::kCaller);
    crew.add(crew.room(pair), Role::kCallee);
  }
  return measure(crew, options, "relay", "relays", &Reading::deliveries);
}

Json run_echo(const Options& options) {
  Crew crew(options);
  for (int i = 0; i < options.connections; ++i) crew.add(nullptr, Role::kEcho);
  return measure(crew, options, "echo", "echoes", &Reading::acks);
}

// The latency is from the connect() to the first answer.
Json run_connect(const Options& options) {
  Crew crew(options);
  for (int i = 0; i < options.connections; ++i) crew.add(nullptr, Role::kVisitor);
  return measure(crew, options, "connect", "connections", &Reading::acks);
}

}  // namespace load
