#pragma once
// What the realtime side counts, summed over the shards. A plain value; Gateway::stats() makes one
// on any thread. The composition root binds it to the metrics endpoint.
#include <cstdint>
#include <string>
#include <vector>

namespace stoa::realtime {

// How the events of one name ended.
struct EventStats {
  std::string name;
  std::uint64_t ok = 0;
  std::uint64_t refused = 0;  // answered with an error of the table in core/error.hpp
  std::uint64_t failed = 0;   // answered INTERNAL
};

struct RealtimeStats {
  // Now.
  std::uint64_t sessions = 0;
  std::uint64_t subscriptions = 0;
  // Since the start.
  std::uint64_t sessions_opened = 0;
  std::uint64_t upgrades_refused = 0;
  std::uint64_t displaced = 0;  // sessions of nobody known that gave way to others of their address
  std::uint64_t messages_in = 0;
  std::uint64_t frames_out = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t writes = 0;  // system calls or TLS records; frames_out / writes shows the gathering
  std::uint64_t slow_readers = 0;    // sessions closed with 4008
  std::uint64_t frames_dropped = 0;  // of those sessions
  std::uint64_t rate_limited = 0;
  std::uint64_t malformed = 0;  // not JSON, no envelope, unknown type
  std::vector<EventStats> events;
};

}  // namespace stoa::realtime
