#pragma once
// Whose account an identity leads to (docs/adr/0028-identity-from-outside.md): that of the identity, else that of a proven address, else a new
// one. Owned by the service, any thread; all of it is done in the caller's transaction.
#include <stoa/auth/entrance.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/label.hpp>
#include <stoa/mail/mail.hpp>
#include <stoa/net/rate_limiter.hpp>
#include <stoa/oidc/id_token.hpp>
#include <stoa/postgres/tx.hpp>

#include <optional>
#include <string>

namespace stoa::outside {

// Somebody whose token was verified.
struct Known {
  // `trusts_email`: whether the provider's word counts that an address is somebody's; `given_name`: for who has none there.
  Known(oidc::Claims claims, std::string provider, bool trusts_email,
        const std::optional<Label<1, 100>>& given_name = {});

  oidc::Claims claims;
  std::string provider;
  std::optional<std::string> email;  // where it is proven
  std::string full_name;
};

struct Person {
  UserId user;
  bool admits =
      true;  // false: the sign-in there began before its person signed out everywhere here
};

class Accounts {
 public:
  Accounts(auth::Entrance& entrance, net::RateLimiter& limiter, const mail::Mailer& mailer)
      : entrance_(entrance), limiter_(limiter), mailer_(mailer) {}

  // With the account's row locked. Throws Error{suspended | invalid_token | rate_limited}; UniqueViolation, Error{conflict} and
  // Error{EMAIL_TAKEN} where somebody was sooner.
  Person find(pg::Tx& tx, const Client& client, const Known& who) const;

 private:
  UserId link_or_make(pg::Tx& tx, const Client& client, const Known& who) const;
  UserId make(pg::Tx& tx, const Client& client, const Known& who) const;

  auth::Entrance& entrance_;
  net::RateLimiter& limiter_;
  const mail::Mailer& mailer_;
};

}  // namespace stoa::outside
