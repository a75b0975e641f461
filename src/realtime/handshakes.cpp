#include "realtime/handshakes.hpp"

#include "realtime/gateway_state.hpp"

namespace stoa::realtime {
namespace {

void count(GatewayState& gateway, Limit limit, const net::RateKey& key) {
  const auto rate = gateway.limiter.count(limit, key, Clock::now());
  if (!rate || rate->allowed) return;
  throw Error(Code::rate_limited, key.is_address()
                                      ? "Too many connections were made from this address"
                                      : "Too many connections were made with this sign-in")
      .retry_after(rate->reset);
}

}  // namespace

std::optional<Uuid> count_handshake(GatewayState& gateway, const std::string& address,
                                    const std::optional<std::string>& token) {
  const bool is_shown = token && gateway.authenticator != nullptr;
  const auto shown = is_shown ? gateway.authenticator->counted_for(*token) : std::nullopt;
  count(gateway, Limit::handshake,
        shown ? net::RateKey::of(UserId{*shown}) : net::RateKey::of_address(address));
  return shown;
}

}  // namespace stoa::realtime
