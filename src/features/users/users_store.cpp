#include "features/users/users_store.hpp"

#include <stoa/net/turns.hpp>
#include <stoa/postgres/listing.hpp>
#include <stoa/users/blocks.hpp>
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
    "timezone, locale, is_verified, is_findable, is_matched, created_at";

constexpr auto kCreateUser = pg::sql(
    "insert into users (id, email, password_hash, full_name, username, role, locale, is_verified, "
    "phone, phone_confirmed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text, "
    "case when $9::text is not null then now() end) returning ",
    kUser);
constexpr auto kGetUser =
    pg::sql("select ", kUser, " from users where id = $1 and deleted_at is null");
constexpr auto kExportAccount = pg::sql(
    "select ", kUser, ", phone, is_premium, suspended_at, updated_at from users where id = $1");
constexpr auto kGetProfile = pg::sql(
    "select ", kProfileColumns, " from users u where u.id = $2 and u.deleted_at is null",
    " and not exists (select from user_blocks b where b.user_id = u.id and b.blocked_id = $1)");
constexpr auto kProfiles =
    pg::sql("select ", kProfileColumns, " from users u where ", kFindable, kNoBlockBetween);
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
    "is_findable = case when $18::boolean then $19 else is_findable end, "
    "is_matched = case when $20::boolean then $21 else is_matched end, "
    "updated_at = now() "
    "where id = $1 and deleted_at is null returning ",
    kUser);

constexpr auto kSetPicture = pg::sql(
    "update users set profile_picture_url = $2, updated_at = now() "
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

pg::Query<pg::Count> anonymise(UserId id) {
  return pg::query<pg::Count>(
      "update users set email = null, phone = null, phone_confirmed_at = null, password_hash = "
      "null,"
      " full_name = 'Deleted account', username = null, profile_picture_url = null, bio = null,"
      " education_level = null, institution = null, role = 'learner', timezone = 'UTC',"
      " locale = 'en', is_verified = false, is_premium = false, is_findable = false,"
      " is_matched = false, exported_at = null, deleted_at = now(), updated_at = now()"
      " where id = $1 and deleted_at is null",
      id);
}

pg::Query<User> set_picture(UserId id, const std::optional<std::string>& url) {
  return pg::query<User>(kSetPicture, id, url);
}

namespace store {

pg::Query<Profile> get_profile(UserId viewer, UserId id) {
  return pg::query<Profile>(kGetProfile, viewer, id);
}

pg::Query<std::vector<Profile>> list_profiles(UserId viewer, const std::optional<std::string>& part,
                                              const std::optional<UserId>& before, int limit) {
  static const pg::Listing kList(pg::Sql(kProfiles),
                                 {" and (u.full_name ilike $1 or u.username::text ilike $1"
                                  " or left($1, 1) <> '%' and u.full_name ilike '% ' || $1)",
                                  " and to_tsvector('simple', searchable(u.full_name))"
                                  " @@ search_for($1) and u.full_name ilike $2",
                                  " and u.id < $1"},
                                 " order by u.id desc limit $1");
  const pg::NamePart name(part);
  auto listing = kList.query<Profile>(viewer, name.like, name.runs, before, limit);
  return part ? std::move(listing).slow(net::turn_of(viewer)) : std::move(listing);
}

User update_user(pg::Tx& tx, UserId id, const ProfileChanges& c) {
  try {
    return tx.run(pg::query<User>(
        kUpdateUser, id, c.full_name.present, c.full_name, c.username.present, c.username,
        c.bio.present, c.bio, c.education_level.present, c.education_level, c.institution.present,
        c.institution, c.profile_picture_url.present, c.profile_picture_url, c.timezone.present,
        c.timezone, c.locale.present, c.locale, c.is_findable.present, c.is_findable,
        c.is_matched.present, c.is_matched));
  } catch (const pg::UniqueViolation& violation) {
    refuse_taken(violation);
  }
}

pg::Query<std::vector<WholeAccount>> export_account(UserId id) {
  return pg::query<std::vector<WholeAccount>>(kExportAccount, id);
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
