#include "features/second_factor/second_factor_types.hpp"

#include <stoa/second_factor/second_factors.hpp>

namespace stoa::second_factor {

http::Routes second_factor_routes(SecondFactors& second_factors) {
  using enum http::Method;
  using http::endpoint;
  return {
      http::counted_by_handler({post, "/api/auth/login/totp", Who::anyone, Limit::sensitive,
                                "Show the second factor that signing in has asked for: a code of "
                                "the app or a recovery code",
                                endpoint<&SecondFactors::complete>(second_factors)}),
      {get, "/api/auth/totp", Who::signed_in, Limit::read,
       "Whether one's account has a second factor",
       endpoint<&SecondFactors::standing>(second_factors)},
      {post, "/api/auth/totp", Who::signed_in, Limit::write,
       "A secret for an app that shows codes; needs a fresh sign-in",
       endpoint<&SecondFactors::enrol, 201>(second_factors)},
      {post, "/api/auth/totp/confirm", Who::signed_in, Limit::sensitive,
       "Turn the second factor on by a first code; signs every other device out",
       endpoint<&SecondFactors::confirm>(second_factors)},
      {post, "/api/auth/totp/recovery-codes", Who::signed_in, Limit::write,
       "New recovery codes in place of those before; needs a fresh sign-in with both factors",
       endpoint<&SecondFactors::renew_recovery_codes>(second_factors)},
      {del, "/api/auth/totp", Who::signed_in, Limit::write,
       "Turn the second factor off; needs a fresh sign-in with both factors",
       endpoint<&SecondFactors::remove>(second_factors)},
  };
}

}  // namespace stoa::second_factor
