#include "features/users/blocks_store.hpp"

#include <stoa/postgres/listing.hpp>

namespace stoa::users::store {
namespace {

// Who has blocked in return, and who is gone, have no name alike: a block tells nobody that he is blocked.
constexpr char kBlock[] =
    "select b.blocked_id, case when o.user_id is null then u.full_name end,"
    " case when o.user_id is null then u.username end, b.created_at from user_blocks b"
    " left join users u on u.id = b.blocked_id and u.deleted_at is null"
    " left join user_blocks o on o.user_id = b.blocked_id and o.blocked_id = b.user_id"
    " where b.user_id = $1";
constexpr auto kGetBlock = pg::sql(kBlock, " and b.blocked_id = $2");

}  // namespace

int count_other_blocks(pg::Tx& tx, UserId user, UserId but) {
  tx.run("select 1 from users where id = $1 for no key update", user);
  return tx.get<int>("select count(*) from user_blocks where user_id = $1 and blocked_id <> $2",
                     user, but);
}

pg::Query<pg::Count> insert_block(UserId user, UserId blocked) {
  return pg::query<pg::Count>(
      "insert into user_blocks (user_id, blocked_id) select $1, u.id from users u"
      " where u.id = $2 on conflict do nothing",
      user, blocked);
}

pg::Query<Blocked> get_block(UserId user, UserId blocked) {
  return pg::query<Blocked>(kGetBlock, user, blocked);
}

pg::Query<pg::Count> delete_block(UserId user, UserId blocked) {
  return pg::query<pg::Count>("delete from user_blocks where user_id = $1 and blocked_id = $2",
                              user, blocked);
}

pg::Query<pg::Count> delete_blocks(UserId user) {
  return pg::query<pg::Count>("delete from user_blocks where user_id = $1", user);
}

pg::Query<std::vector<Blocked>> list_blocks(UserId user,
                                            const std::optional<std::tuple<UserId>>& before,
                                            int limit) {
  static const pg::Listing kBlocks(kBlock, {" and b.blocked_id < $1"},
                                   " order by b.blocked_id desc limit $1");
  return kBlocks.query<Blocked>(user, before, limit);
}

}  // namespace stoa::users::store
