#include "features/second_factor/second_factor_audit.hpp"
#include "features/second_factor/second_factor_store.hpp"

#include <stoa/core/error.hpp>
#include <stoa/second_factor/operator_acts.hpp>

#include <algorithm>

namespace stoa::second_factor {

identity::Sealer sealer_of(const auth::AuthConfig& auth) {
  return {auth::sealing_keys(auth), "stoa second factor"};
}

void reset(pg::Tx& tx, const std::string& email) {
  const auto user = tx.run(store::lock_person(email));
  if (!user)
    throw Error(
        Code::not_found,
        (UserId::parse(email) ? "no account has the id " : "no account has the address ") + email);
  const bool had_one = tx.run(store::remove(*user)).value > 0;
  audit::write(tx, audit::Actor::the_operator(), kReset, {{"user", *user}}, FactorState{had_one},
               FactorState{false});
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
                      "\", which is not configured: add it to auth.sealing_keys, or have it reset");
    }
    tx.run(store::set_sealed(row.user, sealer.seal(*secret, user), first_key));
  }
  return static_cast<int>(old.size());
}

}  // namespace stoa::second_factor
