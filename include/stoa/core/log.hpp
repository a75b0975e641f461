#pragma once
// Structured logging: one JSON object a line on stdout, written by one background thread so that a shard
// never waits for a pipe. Values are escaped, so no input can forge a line. Never log a token, a password,
// a secret or a message's content. Thread-safe.
//
// A flood cannot fill the disk: of an event config::Log::lines are written in a period, and at its end one line,
// log_lines_left_out, says how many more there were. Of warnings and errors the first with each reason (the fields
// "reason", "event", "task", "kind", "purpose" and "route") is written all the same.
#include <stoa/core/config.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace stoa::log {

// What a field can be; text is copied only into the line.
class Value {
 public:
  Value(std::nullptr_t) {}
  // Exactly bool, so that no pointer becomes one.
  template <std::same_as<bool> T>
  Value(T value) : value_(value) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Value(T value) : value_(to_wide(value)) {}
  template <class T>
    requires std::convertible_to<const T&, std::string_view>
  Value(const T& text) : value_(std::string_view(text)) {}

  void append_to(std::string& out) const;  // as JSON

 private:
  template <std::integral T>
  static auto to_wide(T value) {
    if constexpr (std::is_signed_v<T>) {
      return static_cast<std::int64_t>(value);
    } else {
      return static_cast<std::uint64_t>(value);
    }
  }

  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, std::string_view> value_;
};
using Fields = std::initializer_list<std::pair<std::string_view, Value>>;

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
// one. The caller asks enabled() first, and bounds them (log_limit.hpp).
void write_lines(std::string_view lines);

// Since the process began: what was left out of a flood, and what the writer's full queue dropped.
struct Stats {
  std::uint64_t left_out = 0;
  std::uint64_t dropped = 0;
};
Stats stats() noexcept;
// By a writer of finished lines.
void count_left_out(std::uint64_t lines) noexcept;

}  // namespace stoa::log
