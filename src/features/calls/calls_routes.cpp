// What calls serve over REST.
#include "features/calls/calls_types.hpp"

#include <stoa/calls/calls.hpp>

namespace stoa::calls {

http::Routes calls_routes(Calls& calls) {
  return {
      {http::Method::get, "/api/rtc/ice-servers", Who::signed_in, Limit::read,
       "STUN and TURN servers, with credentials that expire",
       http::endpoint<&Calls::ice_servers>(calls)},
  };
}

}  // namespace stoa::calls
