#include "features/users/users_store.hpp"

#include <stoa/users/users_codes.hpp>

#include <string>

namespace stoa::users {
namespace {

// The names that the migrations give the unique indexes.
[[noreturn]] void refuse_taken(const pg::UniqueViolation& violation) {
  if (violation.constraint.find("username") != std::string::npos) throw Error(kUsernameTaken);
  if (violation.constraint.find("email") != std::string::npos) throw Error(kEmailTaken);
  throw violation;
}

// % and _ of the text stand for themselves.
std::string like_pattern(std::string_view part) {
  std::string out = "%";
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  return out + '%';
}

// In the order of the members.
constexpr std::string_view kUser =
    "id, email, full_name, username, role, bio, education_level, institution, profile_picture_url, "
    "timezone, locale, is_verified, created_at";
constexpr std::string_view kProfile =
    "id, full_name, username, role, bio, education_level, institution, profile_picture_url, "
    "is_verified, created_at";

std::string sql(std::string_view before, std::string_view columns, std::string_view after) {
  std::string out(before);
  out += columns;
  out += after;
  return out;
}

}  // namespace

User create_user(pg::Tx& tx, const NewUser& user) {
  try {
    return tx.get<User>(
        sql("insert into users (id, email, password_hash, full_name, username, role) "
            "values ($1, $2, $3, $4, $5, $6) returning ",
            kUser, ""),
        UserId::make(), user.email, user.password_hash, user.full_name, user.username, user.role);
  } catch (const pg::UniqueViolation& violation) {
    refuse_taken(violation);
  }
}

User get_user(pg::Tx& tx, UserId id) {
  return tx.get<User>(sql("select ", kUser, " from users where id = $1 and deleted_at is null"),
                      id);
}

Profile get_profile(pg::Tx& tx, UserId id) {
  return tx.get<Profile>(
      sql("select ", kProfile, " from users where id = $1 and deleted_at is null"), id);
}

std::vector<Profile> list_profiles(pg::Tx& tx, const std::optional<std::string>& part,
                                   const std::optional<UserId>& before, int limit) {
  if (!part) {
    return tx.list<Profile>(
        sql("select ", kProfile,
            " from users where deleted_at is null "
            "and id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') "
            "order by id desc limit $2"),
        before, limit);
  }
  return tx.list<Profile>(sql("select ", kProfile,
                              " from users where deleted_at is null and (full_name ilike $3 or "
                              "username::text ilike $3) "
                              "and id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') "
                              "order by id desc limit $2"),
                          before, limit, like_pattern(*part));
}

User update_user(pg::Tx& tx, UserId id, const ProfileChanges& c) {
  try {
    return tx.get<User>(
        sql("update users set "
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
            kUser, ""),
        id, c.full_name.present, c.full_name, c.username.present, c.username, c.bio.present, c.bio,
        c.education_level.present, c.education_level, c.institution.present, c.institution,
        c.profile_picture_url.present, c.profile_picture_url, c.timezone.present, c.timezone,
        c.locale.present, c.locale);
  } catch (const pg::UniqueViolation& violation) {
    refuse_taken(violation);
  }
}

bool has_time_zone(pg::Tx& tx, std::string_view name) {
  return tx.get<bool>("select exists (select from pg_timezone_names where name = $1)", name);
}

}  // namespace stoa::users
