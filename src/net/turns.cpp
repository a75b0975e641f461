#include <stoa/net/networks.hpp>
#include <stoa/net/turns.hpp>

#include <functional>

namespace stoa::net {

TurnKey turn_of(const UserId& user) noexcept {
  return {std::hash<UserId>{}(user) | 1, 0};
}

TurnKey turn_of(const Visitor& visitor) {
  return visitor.caller ? turn_of(visitor.caller->user) : turn_of(visitor.client, {});
}

TurnKey turn_of(const Client& client, std::string_view account) {
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(client.address, failed);
  return {failed ? 0 : client_key(address), std::hash<std::string_view>{}(account)};
}

}  // namespace stoa::net
