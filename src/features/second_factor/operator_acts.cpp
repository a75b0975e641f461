#include "features/second_factor/second_factor_audit.hpp"
#include "features/second_factor/second_factor_store.hpp"

#include <stoa/core/error.hpp>
#include <stoa/mail/operate.hpp>
#include <stoa/second_factor/operator_acts.hpp>
#include <stoa/users/accounts.hpp>

#include <algorithm>

namespace stoa::second_factor {

identity::Sealer sealer_of(const auth::AuthConfig& auth) {
  return {auth::sealing_keys(auth), "stoa second factor"};
}

WasReset reset(pg::Tx& tx, const Config& all, const std::string& who) {
  const auto id = UserId::parse(who);
  const auto account = tx.run(id ? users::lock_account(*id) : users::lock_account(who));
  if (!account) {
    throw Error(Code::not_found,
                (id ? "no account has the id " : "no account has the address ") + who);
  }
  if (tx.run(store::remove(account->id)).value == 0) return WasReset::none;
  audit::write(tx, audit::Actor::the_operator(), kReset, {{"user", account->id}}, FactorState{true},
               FactorState{false});
  if (!account->email || !account->is_verified) return WasReset::silent;
  const bool is_told = mail::send_later(
      tx, all, {.name = "second_factor_reset", .to = *account->email, .locale = account->locale});
  return is_told ? WasReset::told : WasReset::silent;
}

int reseal(pg::Tx& tx, const identity::Sealer& sealer, int most) {
  const std::string some = sealer.seal("", "");
  const auto first_key = identity::Sealer::kid_of(some);
  const auto keys = tx.run(store::list_keys());
  const auto other = std::find_if(keys.begin(), keys.end(),
                                  [&](const std::string& kid) { return kid != first_key; });
  if (other == keys.end()) return 0;
  const auto old = tx.run(store::list_sealed_with(*other, most));
  for (const auto& row : old) {
    const std::string user = row.user.str();
    const auto secret = sealer.open(row.secret, user);
    if (!secret) {
      throw Error(Code::conflict,
                  "the second factor of " + user + " is sealed with the key \"" +
                      std::string(identity::Sealer::kid_of(row.secret)) +
                      "\", which is not configured: add it to auth.sealing_keys with the secret "
                      "that it had there or in auth.keys, or have it reset");
    }
    tx.run(store::set_sealed(row.user, sealer.seal(*secret, user), first_key));
  }
  return static_cast<int>(old.size());
}

}  // namespace stoa::second_factor
