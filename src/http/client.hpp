#pragma once
// The client of a request: its address behind trusted proxies (X-Forwarded-For, X-Forwarded-Proto,
// X-Request-Id count only from those), and what of it is safe to log. Pure but for the request ids.
#include <stoa/http/message.hpp>
#include <stoa/net/networks.hpp>

#include <cstdint>
#include <string>

#include <boost/asio/ip/address.hpp>

namespace stoa::http {

// The other end of the TCP connection; one a connection.
struct Peer {
  boost::asio::ip::address address;
  std::string text;
  bool trusted = false;  // a configured proxy
  bool secure = false;   // TLS ends here
  std::size_t listener = 0;
};

// Sets client.address, client.user_agent and secure; answers the address that limits count by. 0.0.0.0 where a trusted
// proxy names its client by something that is no address.
boost::asio::ip::address identify_client(Request& request, const Peer& peer,
                                         const net::Networks& trusted);

// An X-Request-Id that may be taken over: 1 to 128 letters, digits, '.', '_', '-'.
bool is_request_id(std::string_view text) noexcept;

// Names requests, unique over restarts and nodes by a random beginning. One a shard.
class RequestIds {
 public:
  RequestIds();
  std::string next();

 private:
  std::string prefix_;
  std::uint64_t count_ = 0;
};

}  // namespace stoa::http
