#include "features/recovery/recovery_types.hpp"

#include <stoa/recovery/recovery.hpp>

namespace stoa::recovery {

http::Routes recovery_routes(Recovery& recovery) {
  using enum http::Method;
  return {
      {post, "/api/auth/password/forgot", Who::anyone, Limit::codes,
       "Have a link sent that sets a new password; the answer is the same for every address",
       http::endpoint<&Recovery::forgot, 202>(recovery)},
      http::counted_by_handler({post, "/api/auth/password/reset", Who::anyone, Limit::sensitive,
                                "Set a new password by the token of such a link; ends all sign-ins",
                                http::endpoint<&Recovery::reset>(recovery)}),
      http::counted_by_handler({post, "/api/auth/email/verify", Who::anyone, Limit::sensitive,
                                "Confirm an address by the token of a link",
                                http::endpoint<&Recovery::verify>(recovery)}),
      {post, "/api/auth/email/resend", Who::signed_in, Limit::codes,
       "Have the link sent again that confirms one's address",
       http::endpoint<&Recovery::resend, 202>(recovery)},
      {put, "/api/auth/email", Who::signed_in, Limit::codes,
       "Have a link sent to a new address, which becomes one's own by it; needs a new sign-in",
       http::endpoint<&Recovery::change_email, 202>(recovery)},
  };
}

}  // namespace stoa::recovery
