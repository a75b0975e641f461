#pragma once
// Whose turn it is where dear work is shared out (<stoa/core/fair_queue.hpp>): people take turns by account, strangers by
// address, of IPv6 the /64. Pure.
#include <stoa/core/caller.hpp>
#include <stoa/core/fair_queue.hpp>

#include <optional>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace stoa::net {

TurnKey turn_of(const UserId& user) noexcept;
TurnKey turn_of(const Visitor& visitor);
// Of an address, and of what is tried from there: an account, before anybody has signed in to it.
TurnKey turn_of(const Client& client, std::string_view account);

// Whose part of something it is that addresses have, and within them people: the address, and who has signed in there.
TurnKey share_of(const boost::asio::ip::address& address, const std::optional<Caller>& caller);
TurnKey share_of(const Client& client, const std::optional<Caller>& caller);

}  // namespace stoa::net
