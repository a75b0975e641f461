#include "features/matches/matches_types.hpp"

#include <stoa/matches/matches.hpp>

namespace stoa::matches {

http::Routes matches_routes(Matches& matches) {
  using enum http::Method;
  return {
      {get, "/api/users/matches", Who::signed_in, Limit::read, "Study partners who suit, by score",
       http::endpoint<&Matches::find_partners>(matches)},
      {get, "/api/rooms/suggested", Who::signed_in, Limit::read, "Rooms that suit, by score",
       http::endpoint<&Matches::suggest_rooms>(matches)},
  };
}

}  // namespace stoa::matches
