#pragma once
// Who does not want to meet whom, and who may be found at all (docs/adr/0033-who-may-be-found.md). Owned by the feature; members
// may be called on any shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/http/route.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/users/users_config.hpp>

namespace stoa::users {

// Conditions of a query whose row `u` is a person, for features that show people to one another. The first is that of the indexes
// of people whom one may find; in the second, $1 is who asks: neither has blocked the other.
inline constexpr char kFindable[] =
    "u.is_findable and u.deleted_at is null and u.suspended_at is null";
inline constexpr char kNoBlockBetween[] =
    " and not exists (select from user_blocks b where b.user_id = u.id and b.blocked_id = $1)"
    " and not exists (select from user_blocks b where b.user_id = $1 and b.blocked_id = u.id)";

struct UserPath;
struct Blocked;

class Blocks {
 public:
  Blocks(pg::Database& db, const UsersConfig& config) : db_(db), config_(config) {}

  // Blocking again is harmless. Throws Error{conflict} for oneself, and where there are users.max_blocks.
  Task<Blocked> add(Caller caller, UserPath path);
  Task<> remove(Caller caller, UserPath path);
  Task<Page<Blocked>> list(Caller caller, PageQuery query);

 private:
  pg::Database& db_;
  const UsersConfig& config_;
};

http::Routes blocks_routes(Blocks& blocks);

}  // namespace stoa::users
