#include "realtime/gateway_state.hpp"
#include "realtime/handshakes.hpp"
#include "realtime/wire/peerserver/peer_codec.hpp"
#include "realtime/wire/peerserver/peer_handshake.hpp"
#include "realtime/wire/websocket/accept.hpp"

#include <stoa/realtime/peerserver.hpp>

#include <utility>

namespace stoa::realtime {
namespace {

// One service for all upgrades; shared by the handler's copies.
struct Entry {
  websocket::SessionProtocol protocol;
  PeerDoor& door;
};

void check_phase(const GatewayState& gateway) {
  if (gateway.phase != Phase::serving) throw Error(Code::shutting_down);
}

Task<> enter(const Entry* entry, net::Upgrade* upgrade) {
  GatewayState& gateway = *entry->protocol.gateway;
  websocket::check_handshake(upgrade->request);
  check_phase(gateway);
  PeerHandshake handshake = peerserver::read_handshake(upgrade->request);
  count_handshake(gateway, upgrade->client.address, handshake.key);
  std::string key = handshake.key;
  Client client = upgrade->client;
  std::optional<Caller> caller = co_await entry->door.identify(std::move(key), std::move(client));
  const std::string& address = upgrade->client.address;
  Admission::Ticket ticket = caller ? gateway.admission.admit(address, caller->user)
                                    : gateway.admission.admit_guest(address);
  check_phase(gateway);
  PeerDoor& door = entry->door;
  websocket::accept(entry->protocol, *upgrade, std::move(ticket), std::move(caller), {},
                    [&door, &handshake](const SessionPtr& session) {
                      door.opened(session, std::move(handshake));
                    });
}

Task<> serve(std::shared_ptr<const Entry> entry, net::Upgrade upgrade) {
  std::exception_ptr failure;
  try {
    co_await enter(entry.get(), &upgrade);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) co_await websocket::refuse(entry->protocol.gateway, std::move(upgrade), failure);
}

}  // namespace

net::UpgradeHandler peerserver_upgrade(Gateway& gateway, const Endpoint& endpoint, PeerDoor& door) {
  const auto codec = std::make_shared<const peerserver::PeerCodec>();
  const auto entry = std::make_shared<const Entry>(
      Entry{websocket::SessionProtocol{gateway.state(), endpoint, codec, codec}, door});
  return [entry](net::Upgrade upgrade) { return serve(entry, std::move(upgrade)); };
}

}  // namespace stoa::realtime
