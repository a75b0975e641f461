#pragma once
// The answers of POSTs that came with an Idempotency-Key, in PostgreSQL. A key is remembered for a day; one
// whose request died without an answer is free again after a minute. Members run on any shard.
#include <stoa/http/idempotency.hpp>
#include <stoa/postgres/database.hpp>

namespace stoa::app {

class PgIdempotencyStore final : public http::IdempotencyStore {
 public:
  explicit PgIdempotencyStore(pg::Database& db) : db_(db) {}

  Task<Begun> begin(UserId user, std::string key, std::string fingerprint) override;
  Task<> finish(UserId user, std::string key, int status, std::string body) override;
  Task<> abandon(UserId user, std::string key) override;

 private:
  pg::Database& db_;
};

// Forgets at most that many keys that are past their day, and says how many.
std::int64_t delete_idempotency_keys(pg::Tx& tx, int most);

}  // namespace stoa::app
