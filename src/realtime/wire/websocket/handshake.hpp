#pragma once
// The server's side of the opening handshake (RFC 6455 section 4.2): what is checked of the request, and how a refusal or the acceptance is written. Pure functions, but for send_within() and send_last().
#include "realtime/origins.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/time.hpp>
#include <stoa/net/upgrade.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace stoa::realtime::websocket {

using UpgradeRequest = boost::beast::http::request<boost::beast::http::string_body>;

// Why there is no WebSocket: an HTTP status, and the error of the REST body.
struct Refusal {
  int status;
  Error error;
};

// Throws Refusal (400, or 426 for another version of the protocol).
void check_handshake(const UpgradeRequest& request);

// Whether the page that asks may connect. A request without an Origin comes from no browser and may.
bool origin_allowed(const UpgradeRequest& request, const Origins& origins);

// The subprotocols that the client offers, in its order; views into the request.
std::vector<std::string_view> offered_protocols(const UpgradeRequest& request);

// The 101 answer, as it goes over the wire. `protocol` may be empty.
std::string acceptance(const UpgradeRequest& request, std::string_view protocol);
// An answer with the REST error body, after which the connection closes.
std::string refusal(const Refusal& refusal, const Client& client);
// Whether the client has taken `bytes` within `limit`: a connection that has been handed over by HTTP has none of its time-outs
// any more. Otherwise it is closed.
Task<bool> send_within(Duration limit, net::Stream& stream, std::string bytes);
// Sends an answer and nothing after it, likewise.
Task<> send_last(Duration limit, std::shared_ptr<net::Stream> stream, std::string answer);

}  // namespace stoa::realtime::websocket
