#pragma once
// Where Socket.IO meets HTTP: the rows of its path, for long-polling, and the client library that old pages load
// from the server. Any other protocol on Engine.IO is served by the same rows.
//
// Owned by the composition root; outlives the server.
#include <stoa/http/route.hpp>
#include <stoa/realtime/polling.hpp>

#include <functional>
#include <string>

namespace stoa::socketio {

class PollingDoor {
 public:
  using Serve = std::function<Task<realtime::PollAnswer>(realtime::PollRequest)>;

  // `path` as clients name it: "/socket.io".
  PollingDoor(std::string path, Serve serve);

  http::Routes routes();

  Task<http::Response> answer(const http::Request* request);

 private:
  const std::string path_;
  Serve serve_;
};

}  // namespace stoa::socketio
