#include <stoa/net/networks.hpp>
#include <stoa/net/rate_key.hpp>

#include <cstring>

namespace stoa::net {
namespace {

// Version 7 UUIDs begin with a time below 2^48, so no user has this upper half.
constexpr std::uint64_t kAddress = 0xFFFFFFFFFFFFFFFFU;

}  // namespace

RateKey RateKey::of(const UserId& user) noexcept {
  RateKey key;
  std::memcpy(&key.high, user.uuid.bytes.data(), sizeof key.high);
  std::memcpy(&key.low, user.uuid.bytes.data() + sizeof key.high, sizeof key.low);
  return key;
}

// The first bit of that time is 0 until the year 6429.
RateKey RateKey::of_links(const UserId& whose) noexcept {
  UserId marked = whose;
  marked.uuid.bytes[0] |= 0x80U;
  return of(marked);
}

RateKey RateKey::of(const boost::asio::ip::address& address) noexcept {
  return {kAddress, client_key(address)};
}

RateKey RateKey::of_address(const std::string& numeric) noexcept {
  return {kAddress, client_key(numeric)};
}

bool RateKey::is_address() const noexcept {
  return high == kAddress;
}

std::size_t RateKey::hash() const noexcept {
  std::uint64_t mixed = high ^ (low * 0x9E3779B97F4A7C15U);
  mixed ^= mixed >> 32;
  return static_cast<std::size_t>(mixed * 0xD6E8FEB86659FD93U >> 8);
}

}  // namespace stoa::net
