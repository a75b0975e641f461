#pragma once
// People: what an account shows to its owner and to others, and what other features need of it. The
// functions are for other features' transactions; class Users serves the REST routes and may be called on any shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/http/route.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/users/values.hpp>

#include <memory>
#include <optional>
#include <string>

namespace stoa::users {

// An account as its owner sees it.
struct User {
  UserId id;
  std::optional<std::string> email;
  std::string full_name;
  std::optional<std::string> username;
  Role role = Role::learner;
  std::optional<std::string> bio;
  std::optional<std::string> education_level;
  std::optional<std::string> institution;
  std::optional<std::string> profile_picture_url;
  std::string timezone;
  std::string locale;
  bool is_verified = false;
  bool is_findable = false;  // by others, who look for people
  bool is_matched = true;    // proposed as a study partner, where findable, and gets proposals
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(User, (),
                      (id, email, full_name, username, role, bio, education_level, institution,
                       profile_picture_url, timezone, locale, is_verified, is_findable, is_matched,
                       created_at))

// The same person as anybody signed in sees them: no address, no telephone, no habits.
struct Profile {
  UserId id;
  std::string full_name;
  std::optional<std::string> username;
  Role role = Role::learner;
  std::optional<std::string> bio;
  std::optional<std::string> education_level;
  std::optional<std::string> institution;
  std::optional<std::string> profile_picture_url;
  bool is_verified = false;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(Profile, (),
                      (id, full_name, username, role, bio, education_level, institution,
                       profile_picture_url, is_verified, created_at))

// Its columns, of a query whose row `u` is a person.
inline constexpr char kProfileColumns[] =
    "u.id, u.full_name, u.username, u.role, u.bio, u.education_level, u.institution,"
    " u.profile_picture_url, u.is_verified, u.created_at";

struct NewUser {
  std::optional<std::string> email = {};
  std::optional<std::string> password_hash = {};
  std::optional<std::string> phone = {};  // as E.164 has it, and shown to be his
  std::string full_name;
  std::optional<std::string> username = {};
  Role role = Role::learner;
  bool is_verified = false;  // the address is
  std::string locale = "en";
};

// Throws Error{email_taken | username_taken | phone_taken}; the transaction has then failed.
User create_user(pg::Tx& tx, const NewUser& user);
// Deleted accounts are not found.
pg::Query<User> get_user(UserId id);
// Empty: none.
pg::Query<User> set_picture(UserId id, const std::optional<std::string>& url);

// The account without anything of its person: deleted, its address and username free. What others still need goes on naming its id.
pg::Query<pg::Count> anonymise(UserId id);

class TimeZones;
struct UserPath;
struct ProfileChanges;
struct UserSearch;

class Users {
 public:
  explicit Users(pg::Database& db);
  ~Users();

  Task<User> me(Caller caller);
  Task<User> change_me(Caller caller, ProfileChanges changes);
  // Who has blocked the caller is not there for him.
  Task<Profile> profile(Caller caller, UserPath path);
  // Of those who wish to be found.
  Task<Page<Profile>> search(Caller caller, UserSearch query);

 private:
  pg::Database& db_;
  const std::unique_ptr<TimeZones> time_zones_;
};

http::Routes users_routes(Users& users);

}  // namespace stoa::users
