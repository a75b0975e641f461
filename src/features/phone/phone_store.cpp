#include "features/phone/phone_store.hpp"

#include <stoa/users/users_codes.hpp>

namespace stoa::phone::store {

pg::Query<std::optional<Holder>> find_holder(const PhoneNumber& phone, Duration recycled_after) {
  return pg::query<std::optional<Holder>>(
      "select id, phone_confirmed_at < now() - make_interval(secs => $2) from users"
      " where phone = $1 and deleted_at is null",
      phone.value, in_seconds(recycled_after));
}

pg::Query<PhoneStanding> get_standing(UserId user) {
  return pg::query<PhoneStanding>("select phone, phone_confirmed_at from users where id = $1",
                                  user);
}

pg::Query<pg::Count> mark_confirmed(UserId user, const PhoneNumber& phone) {
  return pg::query<pg::Count>(
      "update users set phone_confirmed_at = now() where id = $1 and phone = $2", user,
      phone.value);
}

void set_phone(pg::Tx& tx, UserId user, const PhoneNumber& phone) {
  try {
    tx.run(
        "update users set phone = $2, phone_confirmed_at = now(), updated_at = now()"
        " where id = $1",
        user, phone.value);
  } catch (const pg::UniqueViolation&) {
    throw Error(users::kPhoneTaken);
  }
}

pg::Query<pg::Count> remove_phone(UserId user) {
  return pg::query<pg::Count>(
      "update users set phone = null, phone_confirmed_at = null, updated_at = now()"
      " where id = $1 and phone is not null",
      user);
}

}  // namespace stoa::phone::store
