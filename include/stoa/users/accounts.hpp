#pragma once
// The row of an account as those see it who let people in or recover accounts, in their own transactions.
#include <stoa/core/binding.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/postgres/query.hpp>

#include <optional>
#include <string>

namespace stoa::users {

struct Account {
  UserId id;
  Role role = Role::learner;
  std::optional<std::string> email;
  std::string locale;
  bool is_verified = false;
  bool suspended = false;
};
BOOST_DESCRIBE_STRUCT(Account, (), (id, role, email, locale, is_verified, suspended))

// Deleted accounts are not found; addresses are, in any case of letters.
pg::Query<std::optional<Account>> find_account(const std::string& email);
// Locks the row, which comes before all others of a transaction: a sign-in that comes at the same time is before this or behind it.
pg::Query<std::optional<Account>> lock_account(const std::string& email);
pg::Query<std::optional<Account>> lock_account(UserId user);

}  // namespace stoa::users
