#pragma once
// The server's side of the opening handshake (RFC 6455 section 4.2): what is checked of the request, which
// origins may come, and how a refusal or the acceptance is written. Pure functions, but for send_last().
#include <stoa/core/error.hpp>
#include <stoa/net/upgrade.hpp>

#include <span>
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

// Whether a page of this origin may connect. A request without an Origin comes from no browser and may;
// "null" (sandboxed frames, files) may never. Otherwise the origin is the server's own, by the Host that
// the client named or by its public address, or stands in the list exactly; "*" in it allows any.
bool origin_allowed(std::string_view origin, std::string_view host,
                    std::span<const std::string> allowed, std::string_view public_url);
bool origin_allowed(const UpgradeRequest& request, std::span<const std::string> allowed,
                    std::string_view public_url);

// The subprotocols that the client offers, in its order; views into the request.
std::vector<std::string_view> offered_protocols(const UpgradeRequest& request);

// The 101 answer, as it goes over the wire. `protocol` may be empty.
std::string acceptance(const UpgradeRequest& request, std::string_view protocol);
// An answer with the REST error body, after which the connection closes.
std::string refusal(const Refusal& refusal, const Client& client);
// Sends an answer and nothing after it.
Task<> send_last(std::shared_ptr<net::Stream> stream, std::string answer);

}  // namespace stoa::realtime::websocket
