#include "features/avatars/avatars_types.hpp"

#include <stoa/files/keeping.hpp>

#include <optional>
#include <utility>

namespace stoa::avatars {

Avatars::Avatars(files::Emblems::Parts parts, const std::string& public_url)
    : db_(parts.db), emblems_(parts, kAvatarFile, public_url + "/api/avatars/") {}

Task<users::User> Avatars::set(Caller caller, NewAvatar, http::FormFile file) {
  auto brought = co_await emblems_.bring(std::move(caller), std::nullopt, std::move(file));
  // Its lock puts those in order that come at once: only the last one's are kept.
  auto work = [user = brought.by.user, url = emblems_.address_of(brought.id)](pg::Tx& tx) {
    return tx.run(users::set_picture(user, url));
  };
  auto user = co_await emblems_.keep(std::move(brought), std::move(work));
  co_return user;
}

Task<users::User> Avatars::remove(Caller caller) {
  auto work = [user = caller.user](pg::Tx& tx) {
    auto owner = tx.run(users::set_picture(user, std::nullopt));
    tx.run(files::drop_others(user, kAvatarFile, std::nullopt));
    return owner;
  };
  auto user = co_await db_.transaction(std::move(work));
  co_return user;
}

Task<http::Download> Avatars::show(Client client, files::EmblemQuery query) {
  auto picture = co_await emblems_.show(std::move(client), query);
  co_return picture;
}

}  // namespace stoa::avatars
