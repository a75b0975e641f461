#include <stoa/net/networks.hpp>
#include <stoa/net/turns.hpp>

#include <functional>

namespace stoa::net {
namespace {

std::uint64_t key_of(const std::optional<Caller>& caller) noexcept {
  return caller ? std::hash<UserId>{}(caller->user) | 1 : 0;
}

}  // namespace

TurnKey turn_of(const UserId& user) noexcept {
  return {std::hash<UserId>{}(user) | 1, 0};
}

TurnKey turn_of(const Visitor& visitor) {
  return visitor.caller ? turn_of(visitor.caller->user) : turn_of(visitor.client, {});
}

TurnKey turn_of(const Client& client, std::string_view account) {
  return {client_key(client.address), std::hash<std::string_view>{}(account)};
}

TurnKey share_of(const boost::asio::ip::address& address, const std::optional<Caller>& caller) {
  return {client_key(address), key_of(caller)};
}

TurnKey share_of(const Client& client, const std::optional<Caller>& caller) {
  return {client_key(client.address), key_of(caller)};
}

}  // namespace stoa::net
