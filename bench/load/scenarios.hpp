#pragma once
// The scenarios: each runs to its end, within the options' seconds, and answers what it measured
// as one flat JSON object. They throw std::runtime_error when the run is worth nothing (setup not
// done in time, connections lost).

#include "options.hpp"

#include <nlohmann/json.hpp>

namespace load {

nlohmann::ordered_json run_fanout(const Options& options);
nlohmann::ordered_json run_sends(const Options& options);
nlohmann::ordered_json run_idle(const Options& options);
nlohmann::ordered_json run_relay(const Options& options);
nlohmann::ordered_json run_echo(const Options& options);
nlohmann::ordered_json run_connect(const Options& options);
nlohmann::ordered_json run_rest(const Options& options);
nlohmann::ordered_json run_self(const Options& options);

}  // namespace load
