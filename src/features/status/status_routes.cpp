#include "features/status/status_types.hpp"

#include <stoa/status/status.hpp>

namespace stoa::status {

http::Routes status_routes(Status& status) {
  using enum http::Method;
  return {
      {get, "/api/health", Who::anyone, Limit::none, "How the server and its parts are",
       http::endpoint<&Status::health>(status)},
      {get, "/api/stats", Who::anyone, Limit::read, "Totals of people, rooms and messages",
       http::endpoint<&Status::stats>(status)},
  };
}

}  // namespace stoa::status
