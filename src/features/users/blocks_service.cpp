#include "features/users/blocks_store.hpp"
#include "features/users/users_types.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/paging.hpp>
#include <stoa/users/blocks.hpp>

#include <string>
#include <utility>

namespace stoa::users {

Task<Blocked> Blocks::add(Caller caller, UserPath path) {
  if (path.id == caller.user) throw Error(Code::conflict, "Nobody blocks himself");
  const auto most = static_cast<int>(config_.max_blocks);
  auto work = [user = caller.user, blocked = path.id, most](pg::Tx& tx) {
    if (store::count_other_blocks(tx, user, blocked) >= most) {
      throw Error(Code::conflict, "You have blocked " + std::to_string(most) + " people already");
    }
    tx.run(store::insert_block(user, blocked));
    return tx.run(store::get_block(user, blocked));
  };
  Blocked block = co_await db_.transaction(std::move(work));
  co_return block;
}

Task<> Blocks::remove(Caller caller, UserPath path) {
  const pg::Count gone = co_await db_.run(store::delete_block(caller.user, path.id));
  if (gone.value == 0) throw Error(Code::not_found);
}

Task<Page<Blocked>> Blocks::list(Caller caller, PageQuery query) {
  const auto before = keys_of<UserId>(query.cursor);
  const int limit = *query.limit;
  auto listing = store::list_blocks(caller.user, before, limit + 1);
  std::vector<Blocked> blocks = co_await db_.run(std::move(listing));
  co_return page_of(std::move(blocks), limit,
                    [](const Blocked& last) { return cursor_of(last.user_id); });
}

}  // namespace stoa::users
