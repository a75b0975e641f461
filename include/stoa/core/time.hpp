#pragma once
// Wall-clock instants as they are stored and shown: microseconds since 1970, UTC; RFC 3339 with
// milliseconds on the wire. Durations and time-outs use steady_clock and never this.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace stoa {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

Timestamp now();
std::string to_rfc3339(Timestamp when);  // 2026-01-15T10:30:00.000Z
void append_rfc3339(std::string& out, Timestamp when);
// RFC 3339 with any offset, and PostgreSQL's own text form ("2026-01-15 10:30:00.123456+00"). In UTC it is of the years 1
// to 9999; the clock that is kept has no leap seconds, so 23:59:60 is none.
std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept;
std::string to_http_date(Timestamp when);  // RFC 9110 section 5.6.7

}  // namespace stoa
