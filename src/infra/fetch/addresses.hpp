#pragma once
// Which addresses are anybody's, and which belong to a network of one's own. Pure.
#include <boost/asio/ip/address.hpp>

namespace stoa::fetch {

// A unicast address of the public Internet (IANA's special-purpose registries, RFC 6890). An IPv6 address that holds an
// IPv4 one is none: what stands behind a translator is not known here. ::ffff:a.b.c.d counts as a.b.c.d.
bool is_public(const boost::asio::ip::address& address);

}  // namespace stoa::fetch
