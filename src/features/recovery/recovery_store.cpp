#include "features/recovery/recovery_store.hpp"

#include <stoa/users/users_codes.hpp>

namespace stoa::recovery::store {

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
