#pragma once
// Study partners and rooms that suit somebody, by a score of which each part is answered (docs/adr/0033-who-may-be-found.md): what two
// people study, what one offers and the other wants, their language and time zone. Owned by the feature; members may be called on any
// shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/http/route.hpp>
#include <stoa/matches/matches_config.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/rooms/membership.hpp>

namespace stoa::matches {

struct MatchQuery;
struct Partner;
struct SuggestedRoom;

class Matches {
 public:
  Matches(pg::Database& db, const rooms::Membership& rooms, const MatchesConfig& config)
      : db_(db), rooms_(rooms), config_(config) {}

  // The best first. Nobody for who does not want to be matched.
  Task<Page<Partner>> find_partners(Caller caller, MatchQuery query);
  Task<Page<SuggestedRoom>> suggest_rooms(Caller caller, MatchQuery query);

 private:
  pg::Database& db_;
  const rooms::Membership& rooms_;
  const MatchesConfig& config_;
};

http::Routes matches_routes(Matches& matches);

}  // namespace stoa::matches
