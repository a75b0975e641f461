#include "features/outside/accounts.hpp"

#include "features/outside/outside_audit.hpp"
#include "features/outside/outside_codes.hpp"
#include "features/outside/outside_store.hpp"

#include <stoa/auth/auth_log.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/issues.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/values.hpp>

#include <string_view>
#include <utility>

namespace stoa::outside {
namespace {

constexpr std::string_view kNobodysName = "New learner";

// As a name that somebody has typed would be kept; empty where nothing is left of it.
std::string clean_name(const std::string& name) {
  Issues issues;
  const Json json = name;
  Label<1, 100> label;
  Binding<Label<1, 100>>::read(json, label, issues);
  return issues.empty() ? label.value : std::string();
}

}  // namespace

Known::Known(oidc::Claims c, std::string of, bool trusts_email,
             const std::optional<Label<1, 100>>& given_name)
    : claims(std::move(c)), provider(std::move(of)), full_name(clean_name(claims.name)) {
  if (trusts_email && claims.email_verified) {
    if (auto parsed = Email::parse(claims.email)) email = std::move(parsed->value);
  }
  if (full_name.empty()) full_name = given_name ? given_name->value : std::string(kNobodysName);
}

Person Accounts::find(pg::Tx& tx, const Client& client, const Known& who) const {
  const oidc::Claims& claims = who.claims;
  if (const auto known = tx.run(store::find_identity(claims.issuer, claims.subject))) {
    if (known->is_removed) throw Error(kIdentityRemoved);
    entrance_.lock(tx, known->user);
    const auto admits = tx.run(store::admits(known->id, known->user, claims.began_at()));
    if (!admits) throw Error(Code::conflict);  // taken away, or given to another, while this waited
    return {known->user, *admits};
  }
  if (tx.run(store::has_left_since(claims.issuer, claims.subject, claims.began_at()))) {
    throw oidc::Refused("older than the deletion of its account");
  }
  const UserId user = who.email ? link_or_make(tx, client, who) : make(tx, client, who);
  tx.run(store::add_identity(user, claims.issuer, claims.subject, who.provider));
  return {user, true};
}

// The address is proven by the token.
UserId Accounts::link_or_make(pg::Tx& tx, const Client& client, const Known& who) const {
  const auto account = tx.run(store::find_account(*who.email));
  if (!account) return make(tx, client, who);
  entrance_.lock(tx, account->id);
  const auto now = tx.run(store::find_account(*who.email));
  if (!now || now->id != account->id) throw Error(Code::conflict);
  if (!now->is_verified) {
    // Anybody may have made it, to wait there for its owner.
    entrance_.dispossess(tx, client, account->id);
    tx.run(store::mark_verified(account->id));
  }
  audit::write(tx, audit::Actor(account->id, client), kLink, {{"user", account->id}},
               audit::kNothing, Linked{who.provider});
  if (mailer_.is_on()) {
    const users::User owner = tx.run(users::get_user(account->id));
    mailer_.send(tx, {.name = "identity_linked",
                      .to = *owner.email,
                      .locale = owner.locale,
                      .values = {{"provider", who.provider}}});
  }
  return account->id;
}

UserId Accounts::make(pg::Tx& tx, const Client& client, const Known& who) const {
  const auto address = net::RateKey::of_address(client.address);
  const auto at = net::RateLimiter::Clock::now();
  net::require_allowed(limiter_.look(Limit::registration, address, at));
  users::NewUser account;
  account.email = who.email;
  account.full_name = who.full_name;
  account.is_verified = who.email.has_value();
  const users::User user = users::create_user(tx, account);
  for (auth::AccountWatcher* const watcher : entrance_.watchers()) {
    watcher->registered(tx, user, client);
  }
  tx.on_commit([this, id = user.id, client, address, at] {
    limiter_.count(Limit::registration, address, at);
    auth::log_event("auth_registered", id, client);
  });
  return user.id;
}

}  // namespace stoa::outside
