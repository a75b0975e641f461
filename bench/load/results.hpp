#pragma once
// The parts of a result that several scenarios have.
#include "crew.hpp"
#include "histogram.hpp"
#include "options.hpp"

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace load {

inline constexpr double kDrainSeconds = 5;

double per(double amount, std::uint64_t count);
double seconds_between(const Reading& before, const Reading& after);

// p50_us and others.
void put_latency(nlohmann::ordered_json& result, const Histogram& latency);
// CPU time that a piece of work cost on either side; headroom is how many times as fast a core of the
// generator is as a core of the server.
void put_cost(nlohmann::ordered_json& result, const Options& options, const Reading& before,
              const Reading& after, std::uint64_t pieces);
// Runs the crew to its end, when all that was sent has been answered, and says what the pieces of work, `pieces` of a
// reading and called `unit`, cost.
nlohmann::ordered_json measure_answers(Crew& crew, const Options& options, const char* scenario,
                                       const std::string& unit, std::uint64_t Reading::* pieces);
void put_faults(nlohmann::ordered_json& result, const Crew& crew, const Reading& end);

}  // namespace load
