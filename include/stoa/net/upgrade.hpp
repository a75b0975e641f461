#pragma once
// A connection whose client asked for another protocol (RFC 9110 section 7.8), on its way from the
// HTTP engine to the handler of that path. The HTTP engine has checked framing and limits, and has sent nothing
// yet; the taker counts the handshake, answers it, or refuses it in HTTP, and says which.
#include <stoa/core/caller.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/net/stream.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace stoa::net {

struct Upgrade {
  StreamPtr stream;
  boost::beast::http::request<boost::beast::http::string_body> request;
  boost::beast::flat_buffer leftover;  // bytes that came after the request
  Client client;
  Shard* shard = nullptr;
  // Hears what the handshake was answered with, on any shard. May be empty.
  std::function<void(int status)> answered;

  // Called by the taker, with 101 or the status of its refusal; the first call counts.
  void answer(int status) {
    if (const auto tell = std::exchange(answered, nullptr)) tell(status);
  }
};

// Takes over on the shard; runs until the connection has ended. Owned by the shard's TaskGroup.
using UpgradeHandler = std::function<Task<>(Upgrade)>;

}  // namespace stoa::net
