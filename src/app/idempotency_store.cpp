#include "app/idempotency_store.hpp"

namespace stoa::app {
namespace {

struct KeyRow {
  std::string request_hash;
  std::optional<int> status;
  std::optional<std::string> response;
};
BOOST_DESCRIBE_STRUCT(KeyRow, (), (request_hash, status, response))

using Begun = http::IdempotencyStore::Begun;
using Outcome = http::IdempotencyStore::Outcome;

Begun begin_key(pg::Tx& tx, UserId user, const std::string& key, const std::string& fingerprint) {
  // Taken when it is new, past its day, or left behind by a request that died.
  const auto taken = tx.run(R"(
    insert into idempotency_keys as k (user_id, key, request_hash) values ($1, $2, $3)
    on conflict (user_id, key) do update
      set request_hash = excluded.request_hash, status = null, response = null, created_at = now()
      where k.created_at < now() - interval '1 day'
         or (k.status is null and k.created_at < now() - interval '1 minute'))",
                            user, key, fingerprint);
  if (taken > 0) return {};
  auto row = tx.get<KeyRow>(
      "select request_hash, status, response from idempotency_keys where user_id = $1 and key = $2",
      user, key);
  if (row.request_hash != fingerprint) return {Outcome::other_request, 0, {}};
  if (!row.status) return {Outcome::in_flight, 0, {}};
  return {Outcome::replay, *row.status, row.response ? std::move(*row.response) : std::string()};
}

}  // namespace

Task<Begun> PgIdempotencyStore::begin(UserId user, std::string key, std::string fingerprint) {
  return db_.transaction([user, key = std::move(key), fingerprint = std::move(fingerprint)](
                             pg::Tx& tx) { return begin_key(tx, user, key, fingerprint); });
}

Task<> PgIdempotencyStore::finish(UserId user, std::string key, int status, std::string body) {
  return db_.read([user, key = std::move(key), status, body = std::move(body)](pg::Tx& tx) {
    tx.run("update idempotency_keys set status = $3, response = $4 where user_id = $1 and key = $2",
           user, key, status, body);
  });
}

Task<> PgIdempotencyStore::abandon(UserId user, std::string key) {
  return db_.read([user, key = std::move(key)](pg::Tx& tx) {
    tx.run("delete from idempotency_keys where user_id = $1 and key = $2 and status is null", user,
           key);
  });
}

std::int64_t delete_idempotency_keys(pg::Tx& tx, int most) {
  return tx.run(
      "delete from idempotency_keys where (user_id, key) in (select user_id, key from "
      "idempotency_keys"
      " where created_at < now() - interval '1 day' limit $1)",
      most);
}

}  // namespace stoa::app
