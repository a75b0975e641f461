// relay, echo and connect: the scenarios that no room and no database take part in.
#include "results.hpp"
#include "scenarios.hpp"

namespace load {

using Json = nlohmann::ordered_json;

// The latency is from a signal's leaving to the coming of the one that the other gave back: two relays.
Json run_relay(const Options& options) {
  Crew crew(options);
  crew.make_rooms(options.rooms, false);
  for (int pair = 0; pair < options.rooms; ++pair) {
    crew.add(crew.room(pair), Role::kCaller);
    crew.add(crew.room(pair), Role::kCallee);
  }
  return measure_answers(crew, options, "relay", "relays", &Reading::deliveries);
}

Json run_echo(const Options& options) {
  Crew crew(options);
  for (int i = 0; i < options.connections; ++i) crew.add(nullptr, Role::kEcho);
  return measure_answers(crew, options, "echo", "echoes", &Reading::acks);
}

// The latency is from the connect() to the first answer.
Json run_connect(const Options& options) {
  Crew crew(options);
  for (int i = 0; i < options.connections; ++i) crew.add(nullptr, Role::kVisitor);
  return measure_answers(crew, options, "connect", "connections", &Reading::acks);
}

}  // namespace load
