#pragma once
// SQL of accounts and their telephone numbers.
#include "features/phone/phone_types.hpp"

#include <stoa/core/config_types.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/postgres/tx.hpp>

#include <optional>
#include <string>

namespace stoa::phone {

// Of an account with the number.
struct Holder {
  UserId user;
  bool is_stale = false;  // the number was not confirmed within the time that was asked for
};
BOOST_DESCRIBE_STRUCT(Holder, (), (user, is_stale))

namespace store {

pg::Query<std::optional<Holder>> find_holder(const PhoneNumber& phone, Duration recycled_after);
pg::Query<PhoneStanding> get_standing(UserId user);
pg::Query<pg::Count> mark_confirmed(UserId user, const PhoneNumber& phone);
// Throws Error{PHONE_TAKEN}; the transaction has then failed.
void set_phone(pg::Tx& tx, UserId user, const PhoneNumber& phone);
// No row: there was none.
pg::Query<pg::Count> remove_phone(UserId user);

}  // namespace store
}  // namespace stoa::phone
