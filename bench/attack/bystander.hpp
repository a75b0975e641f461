#pragma once
// A calm client from another address: what it waits for its answers. It has several connections, so that each of the server's
// shards is asked, and asks each at its own pace; a question that could not be asked in time counts from when it was due.

#include "histogram.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace attack {

struct Waits {
  load::Histogram health;   // GET /healthz
  load::Histogram echo;     // an event that is acknowledged without the database
  load::Histogram message;  // a message, committed and acknowledged
  std::uint64_t lost =
      0;                // questions without an answer or refused, and connections that were closed
  std::string refusal;  // the first
};

class Bystander {
 public:
  // Connects, and joins the room with each of its sockets. Throws std::runtime_error where that fails.
  Bystander(std::string source, std::uint16_t port, std::string token, std::string room);
  ~Bystander();
  Bystander(const Bystander&) = delete;
  Bystander& operator=(const Bystander&) = delete;

  Waits watch(double seconds);

 private:
  struct Line;
  static std::int64_t pace_of(const Line& line);
  void ask(Line& line, std::int64_t due);
  bool hear(Line& line, Waits& waits);

  const std::string room_;
  std::vector<Line> lines_;
  std::uint64_t next_id_ = 1;
};

}  // namespace attack
