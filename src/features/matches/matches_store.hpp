#pragma once
// SQL of matches. Each of one's subjects and skills is looked up in an index, for so many people or rooms; all else is done for
// those alone.
#include "features/matches/matches_types.hpp"

#include <stoa/postgres/query.hpp>

#include <string>
#include <vector>

namespace stoa::matches::store {

struct PartnerRow : users::Profile {
  std::vector<std::string> subjects;
  std::vector<std::string> offers;
  std::vector<std::string> wants;
  int subject_points = 0, offer_points = 0, want_points = 0, language_points = 0,
      timezone_points = 0;
};
BOOST_DESCRIBE_STRUCT(PartnerRow, (users::Profile),
                      (subjects, offers, wants, subject_points, offer_points, want_points,
                       language_points, timezone_points))
// The best first.
pg::Query<std::vector<PartnerRow>> find_partners(UserId user, int candidates, int limit);

struct RoomRow : rooms::RoomView {
  int subject_points = 0, category_points = 0, people_points = 0;
};
BOOST_DESCRIBE_STRUCT(RoomRow, (rooms::RoomView), (subject_points, category_points, people_points))
// Open public rooms with a place, which the user is not in and may join; the best first.
pg::Query<std::vector<RoomRow>> suggest_rooms(UserId user, int candidates, int limit);

}  // namespace stoa::matches::store
