#include "infra/fetch/addresses.hpp"

#include <stoa/net/networks.hpp>

namespace stoa::fetch {

bool is_public(const boost::asio::ip::address& address) {
  static const net::Networks kSpecialV4({
      "0.0.0.0/8",         // this network
      "10.0.0.0/8",        // private
      "100.64.0.0/10",     // shared by a provider's customers
      "127.0.0.0/8",       // loopback
      "168.63.129.16/32",  // Azure's own services, from its machines
      "169.254.0.0/16",    // link-local, where clouds tell their secrets
      "172.16.0.0/12",     // private
      "192.0.0.0/24",      // protocols
      "192.0.2.0/24",      // documentation
      "192.88.99.0/24",    // 6to4 relays
      "192.168.0.0/16",    // private
      "198.18.0.0/15",     // benchmarks
      "198.51.100.0/24",   // documentation
      "203.0.113.0/24",    // documentation
      "224.0.0.0/4",       // multicast
      "240.0.0.0/4",       // reserved, broadcast
  });
  // Beyond it are loopback, link-local, unique local, multicast, mapped and translated addresses.
  static const net::Networks kGlobalV6({"2000::/3"});
  static const net::Networks kSpecialV6({
      "2001::/23",      // protocols, Teredo
      "2001:db8::/32",  // documentation
      "2002::/16",      // 6to4
      "3fff::/20",      // documentation
  });
  const auto plain = net::plain(address);
  if (plain.is_v4()) return !kSpecialV4.contains(plain);
  return kGlobalV6.contains(plain) && !kSpecialV6.contains(plain);
}

}  // namespace stoa::fetch
