#include "features/outside/outside_store.hpp"

namespace stoa::outside::store {
namespace {

constexpr char kHash[] = "sha256(convert_to(issuer || E'\\n' || subject, 'UTF8'))";
constexpr auto kRememberLeft = pg::sql("insert into left_identities (hash, left_at) select ", kHash,
                                       ", now() from identities where user_id = $1"
                                       " on conflict (hash) do update set left_at = now()");
constexpr auto kHasLeftSince = pg::sql(
    "select exists (select from left_identities where left_at >= $3::timestamptz and hash ="
    " (select ",
    kHash, " from (values ($1::text, $2::text)) x (issuer, subject)))");
constexpr char kView[] = "id, provider, issuer, created_at";
constexpr auto kAdd = pg::sql(
    "insert into identities (id, user_id, issuer, subject, provider) values ($1, $2, $3, $4, $5)"
    " returning ",
    kView);
constexpr auto kGive = pg::sql(
    "update identities set user_id = $2, provider = $3, removed_at = null, created_at = now()"
    " where id = $1 and removed_at is not null returning ",
    kView);
constexpr auto kListViews =
    pg::sql("select ", kView,
            " from identities where user_id = $1 and removed_at is null order by created_at, id");
constexpr auto kFindView = pg::sql(
    "select ", kView, " from identities where user_id = $1 and id = $2 and removed_at is null");

}  // namespace

pg::Query<std::optional<Identity>> find_identity(const std::string& issuer,
                                                 const std::string& subject) {
  return pg::query<std::optional<Identity>>(
      "select id, user_id, removed_at is not null from identities where issuer = $1 and subject = "
      "$2",
      issuer, subject);
}

pg::Query<std::optional<UserId>> find_owner(const std::vector<std::string>& issuers,
                                            const std::string& subject) {
  return pg::query<std::optional<UserId>>(
      "select user_id from identities where issuer = any($1::text[]) and subject = $2"
      " and removed_at is null order by created_at limit 1",
      issuers, subject);
}

// To the second, as tokens have it.
pg::Query<std::optional<bool>> admits(IdentityId id, UserId user, Timestamp began_at) {
  return pg::query<std::optional<bool>>(
      "select $3::timestamptz >= date_trunc('second', refused_before) from identities"
      " where id = $1 and user_id = $2 and removed_at is null for share",
      id, user, began_at);
}

pg::Query<IdentityView> add_identity(UserId user, const std::string& issuer,
                                     const std::string& subject, const std::string& provider) {
  return pg::query<IdentityView>(kAdd, IdentityId::make(), user, issuer, subject, provider);
}

pg::Query<std::optional<IdentityView>> give_identity(IdentityId id, UserId user,
                                                     const std::string& provider) {
  return pg::query<std::optional<IdentityView>>(kGive, id, user, provider);
}

pg::Query<std::vector<IdentityView>> list_views(UserId user) {
  return pg::query<std::vector<IdentityView>>(kListViews, user);
}

pg::Query<std::optional<IdentityView>> find_view(UserId user, IdentityId id) {
  return pg::query<std::optional<IdentityView>>(kFindView, user, id);
}

pg::Query<pg::Count> remove_identity(UserId user, IdentityId id) {
  return pg::query<pg::Count>(
      "update identities set removed_at = now()"
      " where user_id = $1 and id = $2 and removed_at is null",
      user, id);
}

pg::Query<pg::Count> refuse_older(UserId user) {
  return pg::query<pg::Count>("update identities set refused_before = now() where user_id = $1",
                              user);
}

pg::Query<pg::Count> delete_identities(UserId user) {
  return pg::query<pg::Count>("delete from identities where user_id = $1", user);
}

pg::Query<pg::Count> remember_left(UserId user) {
  return pg::query<pg::Count>(kRememberLeft, user);
}

pg::Query<bool> has_left_since(const std::string& issuer, const std::string& subject,
                               Timestamp began_at) {
  return pg::query<bool>(kHasLeftSince, issuer, subject, began_at);
}

std::int64_t delete_left(pg::Tx& tx, Duration kept, int most) {
  return tx.run(
      "delete from left_identities where hash = any (array(select hash from left_identities"
      " where left_at < now() - make_interval(secs => $1) limit $2))",
      in_seconds(kept), most);
}

pg::Query<std::vector<IdentityRow>> list_identities(UserId user) {
  return pg::query<std::vector<IdentityRow>>(
      "select issuer, subject, created_at, removed_at from identities where user_id = $1 order by "
      "created_at",
      user);
}

pg::Query<std::optional<Account>> find_account(const std::string& email) {
  return pg::query<std::optional<Account>>(
      "select id, is_verified from users where email = $1 and deleted_at is null", email);
}

pg::Query<pg::Count> mark_verified(UserId user) {
  return pg::query<pg::Count>(
      "update users set is_verified = true, updated_at = now() where id = $1", user);
}

}  // namespace stoa::outside::store
