#include "features/users/users_types.hpp"

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
       "People whose name or username contains a text", http::endpoint<&Users::search>(users)},
  };
}

}  // namespace stoa::users
