#include "features/users/users_store.hpp"

#include <stoa/postgres/listing.hpp>
#include <stoa/users/users_codes.hpp>

#include <string>

namespace stoa::users {
namespace {

// The names that the migrations give the unique indexes.
[[noreturn]] void refuse_taken(const pg::UniqueViolation& violation) {
  if (violation.constraint.find("username") != std::string::npos) throw Error(kUsernameTaken);
  if (violation.constraint.find("email") != std::string::npos) throw Error(kEmailTaken);
  if (violation.constraint.find("phone") != std::string::npos) throw Error(kPhoneTaken);
  throw violation;
}

// In the order of the members.
constexpr char kUser[] =
    "id, email, full_name, username, role, bio, education_level, institution, profile_picture_url, "
    "timezone, locale, is_verified, created_at";
constexpr char kProfile[] =
    "id, full_name, username, role, bio, education_level, institution, profile_picture_url, "
    "is_verified, created_at";

constexpr auto kCreateUser = pg::sql(
    "insert into users (id, email, password_hash, full_name, username, role, locale, is_verified, "
    "phone, phone_confirmed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text, "
    "case when $9::text is not null then now() end) returning ",
    kUser);
constexpr auto kGetUser =
    pg::sql("select ", kUser, " from users where id = $1 and deleted_at is null");
constexpr auto kGetProfile =
    pg::sql("select ", kProfile, " from users where id = $1 and deleted_at is null");
constexpr auto kProfiles = pg::sql("select ", kProfile, " from users where deleted_at is null");
constexpr auto kUpdateUser = pg::sql(
    "update users set "
    "full_name = case when $2::boolean then $3 else full_name end, "
    "username = case when $4::boolean then $5 else username end, "
    "bio = case when $6::boolean then $7 else bio end, "
    "education_level = case when $8::boolean then $9 else education_level end, "
    "institution = case when $10::boolean then $11 else institution end, "
    "profile_picture_url = case when $12::boolean then $13 else profile_picture_url end, "
    "timezone = case when $14::boolean then $15 else timezone end, "
    "locale = case when $16::boolean then $17 else locale end, "
    "updated_at = now() "
    "where id = $1 and deleted_at is null returning ",
    kUser);

}  // namespace

User create_user(pg::Tx& tx, const NewUser& user) {
  try {
    return tx.run(pg::query<User>(kCreateUser, UserId::make(), user.email, user.password_hash,
                                  user.full_name, user.username, user.role, user.locale,
                                  user.is_verified, user.phone));
  } catch (const pg::UniqueViolation& violation) {
    refuse_taken(violation);
  }
}

pg::Query<User> get_user(UserId id) {
  return pg::query<User>(kGetUser, id);
}

namespace store {

pg::Query<Profile> get_profile(UserId id) {
  return pg::query<Profile>(kGetProfile, id);
}

pg::Query<std::vector<Profile>> list_profiles(const std::optional<std::string>& part,
                                              const std::optional<UserId>& before, int limit,
                                              const TurnKey& whom) {
  static const pg::Listing kList(pg::Sql(kProfiles),
                                 {" and (full_name ilike $1 or username::text ilike $1"
                                  " or left($1, 1) <> '%' and full_name ilike '% ' || $1)",
                                  " and to_tsvector('simple', searchable(full_name))"
                                  " @@ search_for($1) and full_name ilike $2",
                                  " and id < $1"},
                                 " order by id desc limit $1");
  const pg::NamePart name(part);
  auto listing = kList.query<Profile>(name.like, name.runs, before, limit);
  return part ? std::move(listing).slow(whom) : std::move(listing);
}

User update_user(pg::Tx& tx, UserId id, const ProfileChanges& c) {
  try {
    return tx.run(pg::query<User>(
        kUpdateUser, id, c.full_name.present, c.full_name, c.username.present, c.username,
        c.bio.present, c.bio, c.education_level.present, c.education_level, c.institution.present,
        c.institution, c.profile_picture_url.present, c.profile_picture_url, c.timezone.present,
        c.timezone, c.locale.present, c.locale));
  } catch (const pg::UniqueViolation& violation) {
    refuse_taken(violation);
  }
}

pg::Query<std::vector<std::string>> list_time_zones() {
  // Files of the system's that browsers know no zone by: Intl.DateTimeFormat throws for them.
  return pg::query<std::vector<std::string>>(
             "select name from pg_timezone_names where name !~ '^(posix|right)/'"
             " and name not in ('Factory', 'localtime', 'posixrules')")
      .slow();
}

}  // namespace store
}  // namespace stoa::users
