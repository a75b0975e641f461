#include "features/avatars/avatars_store.hpp"

namespace stoa::avatars::store {

pg::Query<users::User> set_picture(UserId user, const std::optional<std::string>& url) {
  return pg::query<users::User>(
      "update users set profile_picture_url = $2, updated_at = now()"
      " where id = $1 and deleted_at is null returning id, email, full_name, username, role, bio,"
      " education_level, institution, profile_picture_url, timezone, locale, is_verified,"
      " created_at",
      user, url);
}

pg::Query<std::optional<files::FileId>> find_file(AvatarId avatar, std::string_view name) {
  return pg::query<std::optional<files::FileId>>(
      "select id from files where held_by = $1 and kind = 'avatar' and original_name = $2"
      " and state <> 'dropped'",
      avatar, std::string(name));
}

}  // namespace stoa::avatars::store
