#include "features/status/status_store.hpp"

namespace stoa::status {

Totals get_totals(pg::Tx& tx) {
  // A room's sequence is gapless, so its last number is its count: no scan of the messages.
  return tx.get<Totals>(R"(
    select (select count(*) from users where deleted_at is null),
           (select count(*) from study_rooms where is_active),
           (select coalesce(sum(last_seq), 0)::bigint from study_rooms))");
}

}  // namespace stoa::status
