#pragma once
// SQL of accounts, as far as recovering them goes.
#include <stoa/core/binding.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/postgres/tx.hpp>

#include <optional>
#include <string>

namespace stoa::recovery {

struct Account {
  UserId id;
  std::optional<std::string> email;
  std::string locale;
  bool is_verified = false;
  bool suspended = false;
};
BOOST_DESCRIBE_STRUCT(Account, (), (id, email, locale, is_verified, suspended))

namespace store {

// In any case of letters.
pg::Query<std::optional<Account>> find_account(const std::string& email);
// Locks its row.
pg::Query<std::optional<Account>> lock_account(UserId user);
pg::Query<pg::Count> mark_verified(UserId user);
// And marks it verified. Throws Error{EMAIL_TAKEN}; the transaction has then failed.
void set_email(pg::Tx& tx, UserId user, const std::string& email);

}  // namespace store
}  // namespace stoa::recovery
