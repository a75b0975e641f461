#include "features/outside/outside_types.hpp"

#include <stoa/outside/outside.hpp>

namespace stoa::outside {

http::Routes outside_routes(Outside& outside) {
  using enum http::Method;
  return {
      http::counted_by_handler({post, "/api/auth/oidc", Who::anyone, Limit::sensitive,
                                "Sign in with an ID token of a provider that is configured",
                                http::endpoint<&Outside::sign_in>(outside)}),
  };
}

}  // namespace stoa::outside
