#pragma once
// What other features may do to sign-ins, and hear of accounts. Offered by auth; any shard. What takes a transaction belongs to it,
// and what follows from it happens with its commit.
#include <stoa/auth/ways_in.hpp>
#include <stoa/core/binding.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/postgres/tx.hpp>
#include <stoa/users/users.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace stoa::auth {

// Kept byte for byte: not trimmed, not normalised. Nothing is cut off (see identity/passwords.hpp).
using NewPassword = Verbatim<8, 128>;

// Hears of accounts in the transaction that makes or changes one.
class AccountWatcher {
 public:
  virtual ~AccountWatcher() = default;
  virtual void registered(pg::Tx& tx, const users::User& user, const Client& client) = 0;
  virtual void password_changed(pg::Tx& tx, UserId user) = 0;
  // Its owner has ended sign-ins elsewhere, where somebody else may have been: what those began must not go on.
  virtual void signed_out(pg::Tx& tx, UserId user) = 0;
  // Its owner is known only now: whoever had it before may have been anybody, and leaves nothing that would let him in again.
  virtual void claimed(pg::Tx& tx, UserId user, const Client& client) = 0;
  // Says which ways in its feature keeps open.
  virtual void add_doors(Doors&) const {}
};

// A password that was shown, by the hash that it was held against; none where the account had none.
struct ShownPassword {
  std::optional<std::string> hash;
};

class SignIns {
 public:
  virtual ~SignIns() = default;

  // Of a password that somebody wants for the account with that address: in turns, as at signing in. Throws
  // Error{invalid_fields} for what guessers try first, with `member` as the field's name, and Error{overloaded}.
  virtual Task<std::string> hash_new(Client client, std::string member, NewPassword password,
                                     std::string email) = 0;
  // The account has that password from now on, all of its sign-ins end, their sockets are closed, and no device is known any more. Wrong passwords so far
  // slow nobody down any more. `email`: its address.
  virtual void renew_password(pg::Tx& tx, UserId user, std::string_view email,
                              const std::string& hash, const Client& client) = 0;
  // The caller has shown the account's password once more; wrong ones slow down the next one, as at signing in. An account without
  // one has nothing to show. Throws Error{VALIDATION_ERROR} of the field `password` where it is missing, Error{INVALID_CREDENTIALS |
  // rate_limited | overloaded}.
  virtual Task<ShownPassword> require_password(Caller caller,
                                               std::optional<std::string> password) = 0;
  // In the transaction that does what it was shown for, with the account's row locked: the account has that password still. Throws
  // Error{conflict} where it was changed meanwhile.
  virtual void require_still(pg::Tx& tx, UserId user, const ShownPassword& shown) const = 0;
  // What an earlier sign-in of the account on that device would have left there: wrong passwords from elsewhere do not slow it down.
  virtual std::string device_token(UserId user) const = 0;
  // The language of accounts that are made and say none. Before the server runs.
  virtual void speak(std::string locale) = 0;
};

}  // namespace stoa::auth
