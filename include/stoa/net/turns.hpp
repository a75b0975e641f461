#pragma once
// Whose turn it is where dear work is shared out (<stoa/core/fair_queue.hpp>): people take turns by account, strangers by
// address, of IPv6 the /64. Pure.
#include <stoa/core/caller.hpp>
#include <stoa/core/fair_queue.hpp>

#include <string_view>

namespace stoa::net {

TurnKey turn_of(const UserId& user) noexcept;
TurnKey turn_of(const Visitor& visitor);
// Of an address, and of what is tried from there: an account, before anybody has signed in to it.
TurnKey turn_of(const Client& client, std::string_view account);

}  // namespace stoa::net
