#pragma once
// Whom limits count.
#include <stoa/core/ids.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/ip/address.hpp>

namespace stoa::net {

// Who is counted: a signed-in user, a stranger's address (IPv6 by /64), or whoever shows links of a user's, who spend nothing of his
// own.
struct RateKey {
  std::uint64_t high = 0, low = 0;
  static RateKey of(const UserId& user) noexcept;
  static RateKey of_links(const UserId& whose) noexcept;
  static RateKey of(const boost::asio::ip::address& address) noexcept;
  static RateKey of_address(const std::string& numeric) noexcept;
  bool is_address() const noexcept;
  friend bool operator==(const RateKey&, const RateKey&) = default;
  std::size_t hash() const noexcept;
};

}  // namespace stoa::net

template <>
struct std::hash<stoa::net::RateKey> {
  std::size_t operator()(const stoa::net::RateKey& key) const noexcept { return key.hash(); }
};
