#include "features/users/users_types.hpp"

#include <stoa/users/blocks.hpp>
#include <stoa/users/users.hpp>

namespace stoa::users {

http::Routes users_routes(Users& users) {
  using enum http::Method;
  return {
      {get, "/api/users/me", Who::signed_in, Limit::read, "One's own account",
       http::endpoint<&Users::me>(users)},
      {put, "/api/users/me", Who::signed_in, Limit::write, "Change one's own profile",
       http::endpoint<&Users::change_me>(users)},
      {get, "/api/users/{id}", Who::signed_in, Limit::read, "Somebody's public profile",
       http::endpoint<&Users::profile>(users)},
      {get, "/api/users", Who::signed_in, Limit::read,
       "People who may be found, whose name or username contains a text",
       http::endpoint<&Users::search>(users)},
  };
}

http::Routes blocks_routes(Blocks& blocks) {
  using enum http::Method;
  return {
      {post, "/api/users/{id}/block", Who::signed_in, Limit::write, "Block a person",
       http::endpoint<&Blocks::add>(blocks)},
      {del, "/api/users/{id}/block", Who::signed_in, Limit::write, "Block a person no longer",
       http::endpoint<&Blocks::remove>(blocks)},
      {get, "/api/users/me/blocks", Who::signed_in, Limit::read, "Whom one has blocked",
       http::endpoint<&Blocks::list>(blocks)},
  };
}

}  // namespace stoa::users
