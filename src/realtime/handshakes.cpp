#include "realtime/handshakes.hpp"

#include "realtime/gateway_state.hpp"

namespace stoa::realtime {
namespace {

void count(GatewayState& gateway, Limit limit, const net::RateKey& key) {
  const auto rate = gateway.limiter.count(limit, key, Clock::now());
  if (!rate || rate->allowed) return;
  throw Error(Code::rate_limited, key.is_address()
                                      ? "Too many connections were made from this address"
                                      : "This account has made too many connections")
      .retry_after(rate->reset);
}

}  // namespace

void count_handshake(GatewayState& gateway, const std::string& address,
                     const std::optional<std::string>& token) {
  const bool is_shown = token && gateway.authenticator != nullptr;
  const auto user = is_shown ? gateway.authenticator->holder_of(*token) : std::nullopt;
  count(gateway, Limit::handshake,
        user ? net::RateKey::of(*user) : net::RateKey::of_address(address));
}

}  // namespace stoa::realtime
