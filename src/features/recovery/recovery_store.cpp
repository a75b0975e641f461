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

void forget(pg::Tx& tx, UserId user) {
  tx.run("delete from one_time_codes where user_id = $1", user);
  tx.run("delete from code_sends where target = $1", user.str());
}

}  // namespace stoa::recovery::store
