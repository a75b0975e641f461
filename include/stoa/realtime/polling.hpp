#pragma once
// One HTTP request of a protocol that begins as HTTP long-polling, and its answer; plain values, so that the
// realtime side does not know the HTTP server.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::realtime {

struct PollRequest {
  enum class Method { get, post, other };

  Method method = Method::get;
  std::vector<std::pair<std::string, std::string>> query;  // decoded; the first of a name counts
  // Reads the body, once. Throws Error where it cannot be read.
  std::function<Task<std::string>()> read_body;
  // Header fields; empty where there is none.
  std::string content_type, origin, host, authorization;
  Client client;
  // Takes what is to run when the client goes before it is answered. May be empty.
  std::function<void(std::function<void()>)> on_disconnect;
};

struct PollAnswer {
  int status = 200;
  std::string_view content_type;  // a literal
  std::string body;
  std::optional<Seconds> retry_after = std::nullopt;
};

}  // namespace stoa::realtime
