#pragma once
// SQL of identities, and of accounts as far as finding their owner goes.
#include "features/outside/outside_types.hpp"

#include <stoa/core/binding.hpp>
#include <stoa/core/config_types.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/core/time.hpp>
#include <stoa/postgres/tx.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stoa::outside {

struct Identity {
  IdentityId id;
  UserId user;
  bool is_removed = false;  // its owner has taken it away: it signs nobody in
};
BOOST_DESCRIBE_STRUCT(Identity, (), (id, user, is_removed))

struct Account {
  UserId id;
  bool is_verified = false;
};
BOOST_DESCRIBE_STRUCT(Account, (), (id, is_verified))

struct IdentityRow {
  std::string issuer, subject;
  Timestamp created_at;
  std::optional<Timestamp> removed_at;
};
BOOST_DESCRIBE_STRUCT(IdentityRow, (), (issuer, subject, created_at, removed_at))

namespace store {

pg::Query<std::optional<Identity>> find_identity(const std::string& issuer,
                                                 const std::string& subject);
// Whether a sign-in that began there at that time may begin one here. Holds off refuse_older() until the transaction ends.
// Empty where there is no such identity any more.
pg::Query<std::optional<bool>> admits(IdentityId id, UserId user, Timestamp began_at);
// Throws UniqueViolation where somebody was sooner.
pg::Query<IdentityView> add_identity(UserId user, const std::string& issuer,
                                     const std::string& subject, const std::string& provider);
// One that was removed is that account's from now on.
// One that was taken away; empty where somebody has it again.
pg::Query<std::optional<IdentityView>> give_identity(IdentityId id, UserId user,
                                                     const std::string& provider);
// Those that sign somebody in, the oldest first.
pg::Query<std::vector<IdentityView>> list_views(UserId user);
pg::Query<std::optional<IdentityView>> find_view(UserId user, IdentityId id);
pg::Query<pg::Count> remove_identity(UserId user, IdentityId id);
pg::Query<pg::Count> refuse_older(UserId user);
// Of one of those issuers; the oldest, should several have it.
pg::Query<std::optional<UserId>> find_owner(const std::vector<std::string>& issuers,
                                            const std::string& subject);
pg::Query<pg::Count> delete_identities(UserId user);
// Before that: that they were given up now.
pg::Query<pg::Count> remember_left(UserId user);
// Whether an identity was given up here at that time or later.
pg::Query<bool> has_left_since(const std::string& issuer, const std::string& subject,
                               Timestamp began_at);
// Those that are remembered for longer; answers how many, `most` at once.
std::int64_t delete_left(pg::Tx& tx, Duration kept, int most);
pg::Query<std::vector<IdentityRow>> list_identities(UserId user);

// In any case of letters.
pg::Query<std::optional<Account>> find_account(const std::string& email);
pg::Query<pg::Count> mark_verified(UserId user);

}  // namespace store
}  // namespace stoa::outside
