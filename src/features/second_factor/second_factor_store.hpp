#pragma once
// SQL of second factors.
#include "features/second_factor/second_factor_types.hpp"

#include <stoa/core/config_types.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/core/time.hpp>
#include <stoa/postgres/query.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa::second_factor {

struct Factor {
  std::string sealed_secret;
  std::string sealed_kid;
  std::int64_t last_step = 0;
  bool confirmed = false;
  Timestamp created_at;  // tells it from one that came in its place
};
BOOST_DESCRIBE_STRUCT(Factor, (), (sealed_secret, sealed_kid, last_step, confirmed, created_at))

namespace store {

pg::Query<bool> has_factor(UserId user);
pg::Query<std::optional<Factor>> find_factor(UserId user);
pg::Query<Standing> get_standing(UserId user);
// Counts an attempt. Empty where there is no factor, or the time for the next attempt has not come. After `free` of them in a row
// each waits twice as long as the one before, up to `longest`.
pg::Query<std::optional<Factor>> begin_attempt(UserId user, std::size_t free, Duration longest);
// How many seconds are left until the next one.
pg::Query<std::optional<std::int64_t>> find_wait(UserId user);

// In place of one that was never confirmed. No row: there is one that was.
pg::Query<pg::Count> enrol(UserId user, const std::string& sealed, std::string_view kid);
// Each of these says by its rows whether it was so: that factor, in that state, and no such step was accepted.
pg::Query<pg::Count> confirm(UserId user, Timestamp created, std::int64_t step);
pg::Query<pg::Count> accept_step(UserId user, Timestamp created, std::int64_t step,
                                 const std::string& sealed, std::string_view kid);
pg::Query<pg::Count> accept_recovery(UserId user, Timestamp created);
pg::Query<pg::Count> remove(UserId user);
// One that was never confirmed.
pg::Query<pg::Count> forget_enrolment(UserId user);

pg::Query<pg::Count> add_codes(UserId user, const std::vector<std::string>& hashes);
pg::Query<pg::Count> remove_codes(UserId user);
pg::Query<pg::Count> spend_code(UserId user, const std::string& hash);
pg::Query<std::int64_t> count_codes(UserId user);

// What there is to know of one without its secret.
struct FactorRow {
  Timestamp created_at;
  std::optional<Timestamp> confirmed_at;
  int recovery_codes_left = 0;
};
BOOST_DESCRIBE_STRUCT(FactorRow, (), (created_at, confirmed_at, recovery_codes_left))
pg::Query<std::vector<FactorRow>> export_factor(UserId user);

struct Sealed {
  UserId user;
  std::string secret;
};
BOOST_DESCRIBE_STRUCT(Sealed, (), (user, secret))
// Locks them.
pg::Query<std::vector<Sealed>> list_sealed_with(std::string_view kid, int most);
pg::Query<pg::Count> set_sealed(UserId user, const std::string& sealed, std::string_view kid);
// Names of the keys that the secrets in use are sealed with.
pg::Query<std::vector<std::string>> list_keys();

}  // namespace store
}  // namespace stoa::second_factor
