#pragma once
// What an operator does to second factors, in the caller's transaction.
#include <stoa/auth/auth_config.hpp>
#include <stoa/identity/sealer.hpp>
#include <stoa/postgres/tx.hpp>

#include <string>

namespace stoa::second_factor {

// What seals and opens the secrets: auth.sealing_keys, or else the keys of the access tokens.
identity::Sealer sealer_of(const auth::AuthConfig& auth);

// For somebody who has lost telephone and recovery codes: the password alone signs in again. `email` in any case of letters.
// Throws Error{not_found} where no account has it. Doing it again changes nothing.
void reset(pg::Tx& tx, const std::string& email);

// Seals at most that many secrets anew with the first key, and says how many; 0: all are. Throws Error{conflict} where one
// is sealed with a key that is not configured.
int reseal(pg::Tx& tx, const identity::Sealer& sealer, int most);

}  // namespace stoa::second_factor
