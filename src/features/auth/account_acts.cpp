#include "features/auth/auth_audit.hpp"
#include "features/auth/auth_store.hpp"

#include <stoa/auth/account_acts.hpp>
#include <stoa/core/error.hpp>
#include <stoa/jobs/operate.hpp>

namespace stoa::auth {
namespace {

store::Account lock_account(pg::Tx& tx, const std::string& email) {
  auto account = tx.run(store::lock_account(email));
  if (!account) throw Error(Code::not_found, "no account has the address " + email);
  return *account;
}

void tell_servers(pg::Tx& tx, UserId user) {
  jobs::enqueue(tx, kAccountChanged, AccountChanged{user}, {.key = user.str()});
}

void set_suspended(pg::Tx& tx, const std::string& email, bool suspended) {
  const auto account = lock_account(tx, email);
  if (account.suspended != suspended) {
    tx.run(store::set_suspended(account.id, suspended));
    audit::write(tx, audit::Actor::the_operator(), suspended ? kSuspend : kUnsuspend,
                 {{"user", account.id}}, SuspensionState{account.suspended},
                 SuspensionState{suspended});
  }
  tell_servers(tx, account.id);
}

}  // namespace

void promote(pg::Tx& tx, const std::string& email) {
  const auto account = lock_account(tx, email);
  tx.run(store::set_role(account.id, Role::admin));
  audit::write(tx, audit::Actor::the_operator(), kPromote, {{"user", account.id}},
               AccountState{account.role}, AccountState{Role::admin});
  tell_servers(tx, account.id);
}

void suspend(pg::Tx& tx, const std::string& email) {
  set_suspended(tx, email, true);
}

void unsuspend(pg::Tx& tx, const std::string& email) {
  set_suspended(tx, email, false);
}

}  // namespace stoa::auth
