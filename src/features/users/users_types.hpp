#pragma once
// What the routes of people's profiles take.
#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>
#include <stoa/users/users.hpp>
#include <stoa/users/values.hpp>

#include <optional>
#include <string>

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
  Patch<bool> is_findable;
  Patch<bool> is_matched;
};
BOOST_DESCRIBE_STRUCT(ProfileChanges, (),
                      (full_name, username, bio, education_level, institution, profile_picture_url,
                       timezone, locale, is_findable, is_matched))

struct UserSearch {
  std::optional<Label<1, 100>> q;  // a part of the name or the username
  Or<Bounded<int, 1, 100>, 20> limit;
  std::optional<Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(UserSearch, (), (q, limit, cursor))

// All that the account's row has of its person, but for the password's hash.
struct WholeAccount : User {
  std::optional<std::string> phone;
  bool is_premium = false;
  std::optional<Timestamp> suspended_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(WholeAccount, (User), (phone, is_premium, suspended_at, updated_at))

// Whom one has blocked; without a name where that person has blocked one too, or is gone.
struct Blocked {
  UserId user_id;
  std::optional<std::string> full_name;
  std::optional<std::string> username;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(Blocked, (), (user_id, full_name, username, created_at))

}  // namespace stoa::users
