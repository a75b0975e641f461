#include "features/avatars/avatars_store.hpp"

namespace stoa::avatars::store {

pg::Query<std::optional<std::string>> find_picture(UserId user) {
  return pg::query<std::optional<std::string>>(
      "select profile_picture_url from users where id = $1 and profile_picture_url is not null",
      user);
}

}  // namespace stoa::avatars::store
