#include "realtime/gateway_state.hpp"
#include "realtime/handshakes.hpp"
#include "realtime/wire/native/credentials.hpp"
#include "realtime/wire/native/native_codec.hpp"
#include "realtime/wire/websocket/accept.hpp"

#include <stoa/realtime/native.hpp>

#include <utility>

namespace stoa::realtime {
namespace {

// Where to look, not what stands there.
constexpr const char* kOriginRefused =
    "This origin is not allowed: realtime.origins (or http.cors_origins) names those that are";

struct Admitted {
  Admission::Ticket ticket;
  std::optional<Caller> caller;
};

// Everything that may stand against this connection, in the order that native.hpp names.
Task<Admitted> admit(GatewayState* gateway, bool guests, const net::Upgrade* upgrade,
                     std::optional<std::string> token) {
  const std::string address = upgrade->client.address;
  Admitted out;
  // Any other token is refused without the database, and counts nowhere.
  const Authenticator& authenticator = *gateway->authenticator;
  if (!token || authenticator.counted_for(*token) || authenticator.is_costly(*token)) {
    count_handshake(*gateway, address, token);
  }
  if (!token) {
    out.ticket =
        guests ? gateway->admission.admit_guest(address) : gateway->admission.admit(address);
    co_return out;
  }
  std::string secret = std::move(*token);
  Client client = upgrade->client;
  out.caller = co_await gateway->authenticator->authenticate(std::move(secret), std::move(client));
  out.ticket = gateway->admission.admit(address, out.caller->user);
  co_return out;
}

void check(const GatewayState& gateway, const net::Upgrade& upgrade) {
  websocket::check_handshake(upgrade.request);
  if (gateway.phase != Phase::serving) throw Error(Code::shutting_down);
  if (!websocket::origin_allowed(upgrade.request, gateway.origins)) {
    throw Error(Code::origin_refused, kOriginRefused);
  }
}

Task<> serve(std::shared_ptr<const websocket::SessionProtocol> protocol, net::Upgrade upgrade) {
  std::exception_ptr failure;
  try {
    check(*protocol->gateway, upgrade);
    native::Handshake handshake = native::read_handshake(upgrade.request);
    std::optional<std::string> token = std::move(handshake.token);
    Admitted admitted = co_await admit(protocol->gateway.get(), protocol->endpoint.guests(),
                                       &upgrade, std::move(token));
    if (protocol->gateway->phase != Phase::serving) throw Error(Code::shutting_down);
    websocket::accept(*protocol, upgrade, std::move(admitted.ticket), std::move(admitted.caller),
                      handshake.offers_protocol ? native::kProtocol : std::string_view());
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) co_await websocket::refuse(protocol->gateway, std::move(upgrade), failure);
}

}  // namespace

net::UpgradeHandler native_upgrade(Gateway& gateway, const Endpoint& endpoint) {
  const auto codec = std::make_shared<const native::NativeCodec>();
  const auto protocol = std::make_shared<const websocket::SessionProtocol>(
      websocket::SessionProtocol{gateway.state(), endpoint, codec, codec});
  return [protocol](net::Upgrade upgrade) { return serve(protocol, std::move(upgrade)); };
}

}  // namespace stoa::realtime
