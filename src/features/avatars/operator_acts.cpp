#include "features/avatars/avatars_audit.hpp"
#include "features/avatars/avatars_store.hpp"

#include <stoa/avatars/avatars.hpp>
#include <stoa/avatars/operator_acts.hpp>
#include <stoa/core/error.hpp>
#include <stoa/files/keeping.hpp>
#include <stoa/users/accounts.hpp>

namespace stoa::avatars {

void delete_avatar(pg::Tx& tx, const std::string& who) {
  const auto id = UserId::parse(who);
  const auto account = tx.run(id ? users::lock_account(*id) : users::lock_account(who));
  if (!account) {
    throw Error(Code::not_found,
                (id ? "no account has the id " : "no account has the address ") + who);
  }
  const auto url = tx.run(store::find_picture(account->id));
  if (!url) return;
  tx.run(files::drop_others(account->id, kAvatarFile, std::nullopt));
  tx.run(users::set_picture(account->id, std::nullopt));
  audit::write(tx, audit::Actor::the_operator(), kDeleteAvatar, {{"user", account->id}},
               PictureState{url}, PictureState{});
}

}  // namespace stoa::avatars
