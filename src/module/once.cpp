#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>
#include <stoa/module/once.hpp>

#include <chrono>

namespace stoa {
namespace {

struct KeptAnswer {
  std::string request_hash;
  std::string response;
};
BOOST_DESCRIBE_STRUCT(KeptAnswer, (), (request_hash, response))

}  // namespace

bool detail::claim_key(pg::Tx& tx, UserId user, RequestKey& key, ReadAnswer read, void* answer) {
  // Nobody waits for it: a request that is sent a hundred times at once would hold a hundred database threads.
  const bool mine = tx.get<bool>(
      "select pg_try_advisory_xact_lock(hashtextextended($1::uuid::text || ' ' || $2, 0))", user,
      key.text);
  if (!mine) {
    throw Error(Code::conflict, "A request with this Idempotency-Key is under way")
        .retry_after(std::chrono::seconds(1));
  }
  // A statement of its own, so that it sees what was committed before the lock was free.
  const auto kept = tx.find<KeptAnswer>(
      "select request_hash, response from idempotency_keys"
      " where user_id = $1 and key = $2 and created_at > now() - interval '1 day'",
      user, key.text);
  key.replayed = kept.has_value();
  if (!kept) return false;
  if (kept->request_hash != key.fingerprint) throw Error(Code::key_reused);
  read(parse_json(kept->response), answer);
  return true;
}

void detail::keep_answer(pg::Tx& tx, UserId user, const RequestKey& key,
                         const std::string& answer) {
  tx.run(R"(
    insert into idempotency_keys (user_id, key, request_hash, response) values ($1, $2, $3, $4)
    on conflict (user_id, key) do update
      set request_hash = excluded.request_hash, response = excluded.response, created_at = now())",
         user, key.text, key.fingerprint, answer);
}

void detail::refuse_forgotten() {
  throw Error(Code::conflict, "This Idempotency-Key was forgotten just now")
      .retry_after(std::chrono::seconds(1));
}

pg::Query<bool> is_used(UserId user, const RequestKey& key) {
  return pg::query<bool>(
      "select exists (select from idempotency_keys"
      " where user_id = $1 and key = $2 and created_at > now() - interval '1 day')",
      user, key.text);
}

std::int64_t delete_old_keys(pg::Tx& tx, int most) {
  return tx.run(
      "delete from idempotency_keys where (user_id, key) in (select user_id, key from "
      "idempotency_keys where created_at < now() - interval '1 day' limit $1)",
      most);
}

}  // namespace stoa
