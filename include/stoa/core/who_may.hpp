#pragma once
// Who may: what features decide it with, and what somebody is answered who may not. A row says who may at all
// (Who::admin); the finer rules are the service's, in the transaction that does the work:
//
//   require_owner(message.sender_id, caller.user, "Only its author edits a message");
//   const auto me = require_found(tx.run(store::find_member(room.id, caller.user)), outside(room.room_type));
//   require_rank(me.role, RoomRole::moderator);
//   require_above(me.role, theirs, "You do not stand above that person here");
//
// There are three answers:
//   not_found   the caller may not know that there is such a thing: it is as if there were none
//   forbidden   the caller knows of it, or is part of it, and may not do that
//   the code of a feature, as NOT_A_MEMBER, tells somebody outside what would let him in
// Which of the first and the last somebody outside gets is said once for a kind of thing, as in <stoa/rooms/who_may.hpp>.
//
// Pure functions, safe on any thread, but for those that ask for an account's role.
#include <stoa/core/authenticator.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/error.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace stoa {

// ---- Rows ----------------------------------------------------------------------------------------------

// Strangers are refused with Error{unauthorized}.
constexpr bool asks_for_sign_in(Who who) noexcept {
  return who != Who::anyone;
}
// Then the edge awaits require_admin() besides.
constexpr bool asks_for_role(Who who) noexcept {
  return who == Who::admin;
}
// By the account's present role. Throws Error{forbidden}, and whatever Authenticator::role_of() throws: who cannot be
// judged is refused.
Task<> require_admin(Authenticator& accounts, Caller caller);

// ---- Things --------------------------------------------------------------------------------------------

// What is there for those alone who may know of it. Throws Error{outside} where it was not found.
template <class T>
T require_found(std::optional<T> thing, const Code& outside = Code::not_found) {
  if (!thing) throw Error(outside);
  return std::move(*thing);
}

// Throws Error{forbidden}. Nobody owns what its owner's account has left behind.
void require_owner(const std::optional<UserId>& owner, UserId user,
                   std::string_view why = Code::forbidden.message);

// ---- Ranks: described enumerations, the highest first ----------------------------------------------------

// Throws Error{forbidden}.
template <class Rank>
void require_rank(Rank mine, Rank lowest, std::string_view why = Code::forbidden.message) {
  if (mine > lowest) throw Error(Code::forbidden, std::string(why));
}

template <class Rank>
void require_owner_or_rank(const std::optional<UserId>& owner, UserId user, Rank mine, Rank lowest,
                           std::string_view why) {
  if (owner != user) require_rank(mine, lowest, why);
}

// Nobody acts on those who stand as high as themselves. Throws Error{forbidden}.
template <class Rank>
void require_above(Rank mine, Rank theirs, std::string_view why = Code::forbidden.message) {
  if (mine >= theirs) throw Error(Code::forbidden, std::string(why));
}

}  // namespace stoa
