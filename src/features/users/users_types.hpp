#pragma once
// What the routes of people's profiles take.
#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>
#include <stoa/users/values.hpp>

#include <optional>

namespace stoa::users {

struct UserPath {
  UserId id;
};
BOOST_DESCRIBE_STRUCT(UserPath, (), (id))

// Left out: kept. Null: cleared, where a person may be without it.
struct ProfileChanges {
  Patch<Label<1, 100>> full_name;
  Patch<Username> username;
  Patch<Text<0, 1000>> bio;
  Patch<Label<0, 100>> education_level;
  Patch<Label<0, 200>> institution;
  Patch<WebUrl> profile_picture_url;
  Patch<TimeZone> timezone;
  Patch<Locale> locale;
};
BOOST_DESCRIBE_STRUCT(ProfileChanges, (),
                      (full_name, username, bio, education_level, institution, profile_picture_url,
                       timezone, locale))

struct UserSearch {
  std::optional<Label<1, 100>> q;  // a part of the name or the username
  Or<Bounded<int, 1, 100>, 20> limit;
  std::optional<Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(UserSearch, (), (q, limit, cursor))

}  // namespace stoa::users
