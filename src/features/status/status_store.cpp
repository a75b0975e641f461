#include "features/status/status_store.hpp"

namespace stoa::status::store {
namespace {

// A room's sequence is gapless, so its last number is its count: no scan of the messages.
constexpr char kTotals[] = R"(
    select (select count(*) from users where deleted_at is null),
           (select count(*) from study_rooms where is_active),
           (select coalesce(sum(last_seq), 0)::bigint from study_rooms))";

}  // namespace

pg::Query<Totals> get_totals() {
  return pg::query<Totals>(kTotals).slow();
}

}  // namespace stoa::status::store
