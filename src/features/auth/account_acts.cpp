#include "features/auth/auth_audit.hpp"
#include "features/auth/auth_store.hpp"

#include <stoa/auth/account_acts.hpp>
#include <stoa/core/error.hpp>
#include <stoa/jobs/operate.hpp>
#include <stoa/users/accounts.hpp>

namespace stoa::auth {
namespace {

users::Account lock_account(pg::Tx& tx, const std::string& who) {
  const auto id = UserId::parse(who);
  auto account = tx.run(id ? users::lock_account(*id) : users::lock_account(who));
  if (!account) {
    throw Error(Code::not_found,
                (id ? "no account has the id " : "no account has the address ") + who);
  }
  return *account;
}

void tell_servers(pg::Tx& tx, UserId user) {
  jobs::enqueue(tx, kAccountChanged, AccountChanged{user}, {.key = user.str()});
}

void set_suspended(pg::Tx& tx, const std::string& who, bool suspended) {
  const auto account = lock_account(tx, who);
  if (account.suspended != suspended) {
    tx.run(store::set_suspended(account.id, suspended));
    audit::write(tx, audit::Actor::the_operator(), suspended ? kSuspend : kUnsuspend,
                 {{"user", account.id}}, SuspensionState{account.suspended},
                 SuspensionState{suspended});
  }
  tell_servers(tx, account.id);
}

}  // namespace

void promote(pg::Tx& tx, const std::string& who) {
  const auto account = lock_account(tx, who);
  tx.run(store::set_role(account.id, Role::admin));
  audit::write(tx, audit::Actor::the_operator(), kPromote, {{"user", account.id}},
               AccountState{account.role}, AccountState{Role::admin});
  tell_servers(tx, account.id);
}

void demote(pg::Tx& tx, const std::string& who) {
  const auto account = lock_account(tx, who);
  if (account.role == Role::admin) {
    tx.run(store::set_role(account.id, Role::learner));
    audit::write(tx, audit::Actor::the_operator(), kDemote, {{"user", account.id}},
                 AccountState{account.role}, AccountState{Role::learner});
  }
  tell_servers(tx, account.id);
}

void suspend(pg::Tx& tx, const std::string& who) {
  set_suspended(tx, who, true);
}

void unsuspend(pg::Tx& tx, const std::string& who) {
  set_suspended(tx, who, false);
}

}  // namespace stoa::auth
