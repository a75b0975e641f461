#pragma once
// The ways in which somebody signs in to an account: asked before one of them is given up. Any thread.
#include <stoa/core/ids.hpp>
#include <stoa/postgres/query.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stoa::auth {

// What is to be given up, or may be somebody else's by now.
struct WayIn {
  bool phone = false;
  std::optional<Uuid> identity = {};  // by its row
};

// Those that are open on this server, as its configuration has them: what is kept of an account opens nothing where they are not.
// A password always does.
struct Doors {
  bool links = false;  // by mail, which set a password
  bool codes = false;  // to telephones
  // Of identities: where their tokens come from; where that is one of many places, the name that they were added with.
  std::vector<std::string> issuers = {};
  std::vector<std::string> providers = {};
};

// Whether something else lets the account's owner in: an address with a password, or one that is confirmed, to which a link goes; a number;
// an identity. Entrance knows the doors. To be run with the account's row locked, so that two ways are not given up at once.
pg::Query<bool> has_other_way_in(UserId user, const WayIn& but, const Doors& open);

}  // namespace stoa::auth
