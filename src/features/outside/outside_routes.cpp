#include "features/outside/outside_types.hpp"

#include <stoa/outside/outside.hpp>

namespace stoa::outside {

http::Routes outside_routes(Outside& outside) {
  using enum http::Method;
  return {
      http::counted_by_handler({post, "/api/auth/oidc", Who::anyone, Limit::sensitive,
                                "Sign in with an ID token of a provider that is configured",
                                http::endpoint<&Outside::sign_in>(outside)}),
      {get, "/api/auth/identities", Who::signed_in, Limit::read,
       "By which accounts elsewhere one signs in",
       http::endpoint<&Outside::list_identities>(outside)},
      {post, "/api/auth/identities", Who::signed_in, Limit::sensitive,
       "Let an account elsewhere, which the ID token is of, sign in to one's own; needs a fresh "
       "sign-in",
       http::endpoint<&Outside::add_identity, 201>(outside)},
      {del, "/api/auth/identities/{id}", Who::signed_in, Limit::write,
       "Take such a way in away, and sign out all other devices; needs a fresh sign-in",
       http::endpoint<&Outside::remove_identity>(outside)},
  };
}

}  // namespace stoa::outside
