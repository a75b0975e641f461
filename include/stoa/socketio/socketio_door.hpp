#pragma once
// Where Socket.IO meets HTTP: the rows of its path, for long-polling, and the files of the client library under
// it, since old pages load them from the server. Any other protocol on Engine.IO is served by the same rows.
//
// Owned by the composition root; outlives the server.
#include <stoa/http/assets.hpp>
#include <stoa/http/route.hpp>
#include <stoa/realtime/polling.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace stoa::socketio {

class PollingDoor {
 public:
  using Serve = std::function<Task<realtime::PollAnswer>(realtime::PollRequest)>;

  // `path` as clients name it: "/socket.io". `max_payload`: bytes of one request's body. `client`: the library's files, by
  // their names.
  PollingDoor(std::string path, std::size_t max_payload, Serve serve,
              std::span<const http::Asset> client = {});

  http::Routes routes();
  // The client's files under the path, for pages of any origin.
  std::span<const http::Asset> files() const noexcept { return files_; }

  Task<http::Response> answer(const http::Request* request, http::Bytes body);

 private:
  const std::string path_;
  const std::size_t max_payload_;
  Serve serve_;
  std::vector<std::string> file_paths_;
  std::vector<http::Asset> files_;
};

}  // namespace stoa::socketio
