// stoa_load: one scenario against one server on 127.0.0.1; the result is one line of JSON.
#include "options.hpp"
#include "process.hpp"
#include "scenarios.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

int main(int argc, char** argv) {
  try {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t ends_window;  // waited for by Crew::measure()
    sigemptyset(&ends_window);
    sigaddset(&ends_window, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &ends_window, nullptr);
    load::raise_file_limit();
    const load::Options options = load::parse_options(argc, argv);
    nlohmann::ordered_json result;
    switch (options.scenario) {
      case load::Scenario::kFanout:
        result = load::run_fanout(options);
        break;
      case load::Scenario::kSends:
        result = load::run_sends(options);
        break;
      case load::Scenario::kIdle:
        result = load::run_idle(options);
        break;
      case load::Scenario::kRelay:
        result = load::run_relay(options);
        break;
      case load::Scenario::kEcho:
        result = load::run_echo(options);
        break;
      case load::Scenario::kConnect:
        result = load::run_connect(options);
        break;
      case load::Scenario::kRest:
        result = load::run_rest(options);
        break;
      case load::Scenario::kSelf:
        result = load::run_self(options);
        break;
    }
    const auto replace = nlohmann::ordered_json::error_handler_t::replace;
    std::printf("%s\n", result.dump(-1, ' ', false, replace).c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stoa_load: %s\n", error.what());
    return 1;
  }
}
