#include "features/auth/auth_types.hpp"

#include <stoa/auth/auth.hpp>

namespace stoa::auth {

http::Routes auth_routes(Auth& auth) {
  using enum http::Method;
  return {
      {post, "/api/auth/register", Who::anyone, Limit::registration, "Make an account and sign in",
       http::endpoint<&Auth::create_account, 201>(auth)},
      http::counted_by_handler({post, "/api/auth/login", Who::anyone, Limit::sensitive, "Sign in",
                                http::endpoint<&Auth::login>(auth)}),
      http::counted_by_handler({post, "/api/auth/refresh", Who::anyone, Limit::renewal,
                                "Exchange a refresh token for new tokens; each is good once",
                                http::endpoint<&Auth::refresh>(auth)}),
      {post, "/api/auth/tickets", Who::signed_in, Limit::write,
       "A ticket that signs one socket in, for what has to stand in its address",
       http::endpoint<&Auth::create_ticket, 201>(auth)},
      {post, "/api/auth/logout", Who::signed_in, Limit::write, "Sign this device out",
       http::endpoint<&Auth::logout>(auth)},
      {post, "/api/auth/logout-all", Who::signed_in, Limit::write, "Sign every device out",
       http::endpoint<&Auth::logout_all>(auth)},
      {get, "/api/auth/sessions", Who::signed_in, Limit::read, "The devices that are signed in",
       http::endpoint<&Auth::list_sessions>(auth)},
      {del, "/api/auth/sessions/{id}", Who::signed_in, Limit::write, "Sign one device out",
       http::endpoint<&Auth::end_session>(auth)},
      {put, "/api/auth/password", Who::signed_in, Limit::sensitive,
       "Change the password; signs every other device out",
       http::endpoint<&Auth::change_password>(auth)},
  };
}

}  // namespace stoa::auth
