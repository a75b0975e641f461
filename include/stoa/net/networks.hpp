#pragma once
// A list of networks in CIDR form ("10.0.0.0/8", "::1"), for trusted proxies and allow-lists.
// Immutable.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <sys/socket.h>

namespace stoa::net {

// As the sockets of the system have it. Empty where it is neither IPv4 nor IPv6.
std::optional<boost::asio::ip::address> address_of(const sockaddr& address);
// ::ffff:a.b.c.d as a.b.c.d, without a scope.
boost::asio::ip::address plain(const boost::asio::ip::address& address);
// What limits count a client by: the IPv4 address, or the /64 of an IPv6 one. Equal keys are equal
// clients; v4 and v6 never collide.
std::uint64_t client_key(const boost::asio::ip::address& address) noexcept;
// Of an address in its usual notation, as a Client has it. 0 where it is none.
std::uint64_t client_key(const std::string& numeric) noexcept;

class Networks {
 public:
  // Throws std::invalid_argument that names the one it cannot read.
  explicit Networks(const std::vector<std::string>& list);
  bool contains(const boost::asio::ip::address& address) const noexcept;

 private:
  struct Network {
    boost::asio::ip::address base;
    unsigned prefix;
  };
  std::vector<Network> networks_;
};

}  // namespace stoa::net
