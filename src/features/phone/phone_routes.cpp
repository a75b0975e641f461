#include "features/phone/phone_types.hpp"

#include <stoa/phone/phones.hpp>

namespace stoa::phone {

http::Routes phone_routes(Phones& phones) {
  using enum http::Method;
  using http::endpoint;
  return {
      {post, "/api/auth/phone/send-otp", Who::anyone, Limit::codes,
       "Have a code sent to a telephone; the answer is the same for every number",
       endpoint<&Phones::send_otp, 202>(phones)},
      http::counted_by_handler({post, "/api/auth/phone/verify", Who::anyone, Limit::sensitive,
                                "Sign in by the code that came; makes the account at the first "
                                "time",
                                endpoint<&Phones::verify>(phones)}),
      {get, "/api/auth/phone", Who::signed_in, Limit::read, "The telephone number of one's account",
       endpoint<&Phones::standing>(phones)},
      {put, "/api/auth/phone", Who::signed_in, Limit::sensitive,
       "Make a number that of one's account by the code that came there; needs a fresh sign-in",
       endpoint<&Phones::set_own>(phones)},
      {del, "/api/auth/phone", Who::signed_in, Limit::write,
       "Take the number away from one's account; needs a fresh sign-in",
       endpoint<&Phones::remove_own>(phones)},
  };
}

}  // namespace stoa::phone
