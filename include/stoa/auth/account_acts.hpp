#pragma once
// What an operator does to accounts: the change, its row in the audit log, and the job by which a running server learns of it
// (within jobs.poll), all in the caller's transaction. Doing one again changes nothing, and has the server look again.
// `who`: an address, in any case of letters, or an id. They throw Error{not_found} where no account has it.
#include <stoa/core/caller.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/jobs/job.hpp>
#include <stoa/postgres/tx.hpp>

#include <string>

namespace stoa::auth {

void promote(pg::Tx& tx, const std::string& who);  // to administrator
void demote(pg::Tx& tx, const std::string& who);   // an administrator to learner
// Nobody signs in, renews or acts as a suspended account, and its sockets are closed.
void suspend(pg::Tx& tx, const std::string& who);
void unsuspend(pg::Tx& tx, const std::string& who);

struct AccountChanged {
  UserId user;
};
BOOST_DESCRIBE_STRUCT(AccountChanged, (), (user))
inline constexpr jobs::Kind<AccountChanged> kAccountChanged{"account_changed"};

}  // namespace stoa::auth
