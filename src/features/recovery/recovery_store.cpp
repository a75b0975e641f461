#include "features/recovery/recovery_store.hpp"

#include <stoa/users/users_codes.hpp>

namespace stoa::recovery::store {
namespace {

constexpr char kAccount[] =
    "select id, email, locale, is_verified, suspended_at is not null from users"
    " where deleted_at is null and ";
constexpr auto kAccountOfEmail = pg::sql(kAccount, "email = $1");
constexpr auto kLockAccount = pg::sql(kAccount, "id = $1 for no key update");

}  // namespace

pg::Query<std::optional<Account>> find_account(const std::string& email) {
  return pg::query<std::optional<Account>>(kAccountOfEmail, email);
}

pg::Query<std::optional<Account>> lock_account(UserId user) {
  return pg::query<std::optional<Account>>(kLockAccount, user);
}

pg::Query<pg::Count> mark_verified(UserId user) {
  return pg::query<pg::Count>(
      "update users set is_verified = true, updated_at = now() where id = $1", user);
}

void set_email(pg::Tx& tx, UserId user, const std::string& email) {
  try {
    tx.run("update users set email = $2, is_verified = true, updated_at = now() where id = $1",
           user, email);
  } catch (const pg::UniqueViolation&) {
    throw Error(users::kEmailTaken);
  }
}

}  // namespace stoa::recovery::store
