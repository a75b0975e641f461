#pragma once
// Structured logging: one JSON object a line on stdout, written by one background thread so that a shard
// never waits for a pipe. Values are escaped, so no input can forge a line. Never log a token, a password,
// a secret or a message's content. Thread-safe.
#include <stoa/core/config.hpp>
#include <stoa/core/json.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace stoa::log {

using Fields = std::initializer_list<std::pair<std::string_view, Json>>;

// Until start() and after stop() lines go to stderr directly. The bounded queue drops the oldest lines
// and says how many, rather than stop the server.
void start(const config::Log& options);
void stop();

bool enabled(config::LogLevel level) noexcept;
// {"time":..., "level":"info", "event":"listening", ...fields}
void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warn(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

// For what logs very often: finished lines of the same form, each with its newline, that are queued as
// one. The caller asks enabled() first.
void write_lines(std::string_view lines);

}  // namespace stoa::log
