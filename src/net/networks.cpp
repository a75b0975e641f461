#include <stoa/net/networks.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <boost/asio/error.hpp>
#include <netinet/in.h>

namespace stoa::net {

namespace ip = boost::asio::ip;

std::optional<ip::address> address_of(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    return ip::address_v4(ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return std::nullopt;
  ip::address_v6::bytes_type bytes;
  std::copy_n(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr.s6_addr, bytes.size(),
              bytes.begin());
  return ip::address_v6(bytes);
}

ip::address plain(const ip::address& address) {
  if (!address.is_v6()) return address;
  auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6);
  v6.scope_id(0);
  return v6;
}

std::uint64_t client_key(const ip::address& address) noexcept {
  // No unicast IPv6 address begins with ff, so these upper halves are free for IPv4.
  constexpr std::uint64_t kV4 = 0xFFFFFFFF00000000U;
  if (address.is_v4()) return kV4 | address.to_v4().to_uint();
  const auto v6 = address.to_v6();
  const auto bytes = v6.to_bytes();
  if (v6.is_v4_mapped()) return kV4 | ip::make_address_v4(ip::v4_mapped, v6).to_uint();
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | bytes[i];
  return key;
}

std::uint64_t client_key(const std::string& numeric) noexcept {
  boost::system::error_code failed;
  const auto address = ip::make_address(numeric, failed);
  return failed ? 0 : client_key(address);
}

Networks::Networks(const std::vector<std::string>& list) {
  for (const auto& text : list) {
    const auto slash = text.find('/');
    boost::system::error_code failed;
    const auto base = ip::make_address(text.substr(0, slash), failed);
    const unsigned most = base.is_v4() ? 32 : 128;
    unsigned prefix = most;
    if (!failed && slash != std::string::npos) {
      const char* end = text.data() + text.size();
      const auto [read, error] = std::from_chars(text.data() + slash + 1, end, prefix);
      if (error != std::errc{} || read != end || prefix > most) {
        failed = boost::asio::error::invalid_argument;
      }
    }
    if (failed) throw std::invalid_argument("\"" + text + "\" is not an address or network");
    networks_.push_back({base, prefix});
  }
}

bool Networks::contains(const ip::address& address) const noexcept {
  const auto covers = [](const auto& base, const auto& candidate, unsigned prefix) {
    for (std::size_t i = 0; i < base.size() && prefix > 0; ++i) {
      const unsigned bits = std::min(prefix, 8U);
      const auto mask = static_cast<unsigned char>(0xFFU << (8 - bits));
      if ((base[i] & mask) != (candidate[i] & mask)) return false;
      prefix -= bits;
    }
    return true;
  };
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    if (network.base.is_v4() != address.is_v4()) return false;
    return address.is_v4()
               ? covers(network.base.to_v4().to_bytes(), address.to_v4().to_bytes(), network.prefix)
               : covers(network.base.to_v6().to_bytes(), address.to_v6().to_bytes(),
                        network.prefix);
  });
}

}  // namespace stoa::net
