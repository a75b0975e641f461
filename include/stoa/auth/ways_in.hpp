#pragma once
// The ways in which somebody signs in to an account: asked before one of them is given up. Any thread.
#include <stoa/core/ids.hpp>
#include <stoa/postgres/query.hpp>

#include <optional>

namespace stoa::auth {

// What is to be given up, or may be somebody else's by now.
struct WayIn {
  bool phone = false;
  std::optional<Uuid> identity = {};  // by its row
};

// Whether something else lets the account's owner in: an address with a password; where mails are sent one that is confirmed, to
// which a link goes that sets one; a number; an identity. To be run with the account's row locked, so that two ways are not given up at once.
pg::Query<bool> has_other_way_in(UserId user, const WayIn& but, bool sends_mail);

}  // namespace stoa::auth
