#pragma once
// What an operator does to second factors, in the caller's transaction.
#include <stoa/auth/auth_config.hpp>
#include <stoa/core/config.hpp>
#include <stoa/identity/sealer.hpp>
#include <stoa/postgres/tx.hpp>

#include <string>

namespace stoa::second_factor {

// What seals and opens the secrets: auth.sealing_keys, or else the keys of the access tokens.
identity::Sealer sealer_of(const auth::AuthConfig& auth);

enum class WasReset {
  none,    // the account has no second factor: nothing was changed
  silent,  // its owner is not told: there is no mail, or no address of his that is confirmed
  told,
};
// For somebody who has lost telephone and recovery codes: the password alone signs in again, and he is told by mail. `who`: an
// address in any case of letters, or the id of an account. Throws Error{not_found} where no account has it.
WasReset reset(pg::Tx& tx, const Config& all, const std::string& who);

// Seals at most that many secrets anew with the first key, and says how many; 0: all are. Throws Error{conflict} where one
// is sealed with a key that is not configured.
int reseal(pg::Tx& tx, const identity::Sealer& sealer, int most);

}  // namespace stoa::second_factor
