#include <stoa/users/accounts.hpp>

namespace stoa::users {
namespace {

constexpr char kAccount[] =
    "select id, role, email, locale, is_verified, suspended_at is not null from users"
    " where deleted_at is null and ";
constexpr auto kFind = pg::sql(kAccount, "email = $1");
constexpr auto kLockOfEmail = pg::sql(kAccount, "email = $1 for no key update");
constexpr auto kLockOfUser = pg::sql(kAccount, "id = $1 for no key update");

}  // namespace

pg::Query<std::optional<Account>> find_account(const std::string& email) {
  return pg::query<std::optional<Account>>(kFind, email);
}

pg::Query<std::optional<Account>> lock_account(const std::string& email) {
  return pg::query<std::optional<Account>>(kLockOfEmail, email);
}

pg::Query<std::optional<Account>> lock_account(UserId user) {
  return pg::query<std::optional<Account>>(kLockOfUser, user);
}

}  // namespace stoa::users
