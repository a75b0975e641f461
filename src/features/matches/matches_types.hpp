#pragma once
// What the routes of matches take and answer, and how much each part of a score counts. Plain described values.
#include <stoa/core/binding.hpp>
#include <stoa/rooms/views.hpp>
#include <stoa/users/users.hpp>

#include <string>
#include <vector>

namespace stoa::matches {

struct MatchQuery {
  Or<Bounded<int, 1, 50>, 20> limit;
};
BOOST_DESCRIBE_STRUCT(MatchQuery, (), (limit))

// Each is a number of points; together they are the score.
struct PartnerParts {
  int subjects = 0;  // 2 for each that both study, up to 10
  int offers = 0;    // 3 for each skill that they offer and one wants, up to 12
  int wants = 0;     // 3 for each skill that they want and one offers, up to 12
  int language = 0;  // 2 where it is the same
  int timezone = 0;  // 1 where it is the same
};
BOOST_DESCRIBE_STRUCT(PartnerParts, (), (subjects, offers, wants, language, timezone))

struct Partner {
  users::Profile user;
  int score = 0;
  PartnerParts parts;
  // What the parts are of, by name.
  std::vector<std::string> subjects;
  std::vector<std::string> offers;
  std::vector<std::string> wants;
};
BOOST_DESCRIBE_STRUCT(Partner, (), (user, score, parts, subjects, offers, wants))

struct RoomParts {
  int subject = 0;   // 4 where it is about what one studies
  int category = 0;  // 2 where it is about something of the same category
  int people = 0;    // 1 from two members on, 2 from five
  int active = 0;    // 1 where somebody is there right now
};
BOOST_DESCRIBE_STRUCT(RoomParts, (), (subject, category, people, active))

struct SuggestedRoom {
  rooms::RoomView room;
  int score = 0;
  RoomParts parts;
};
BOOST_DESCRIBE_STRUCT(SuggestedRoom, (), (room, score, parts))

}  // namespace stoa::matches
