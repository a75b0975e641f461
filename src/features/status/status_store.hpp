#pragma once
// The totals of the database.
#include <stoa/postgres/tx.hpp>

namespace stoa::status {

struct Totals {
  std::int64_t users = 0;
  std::int64_t rooms = 0;
  std::int64_t messages = 0;
};
BOOST_DESCRIBE_STRUCT(Totals, (), (users, rooms, messages))

Totals get_totals(pg::Tx& tx);

}  // namespace stoa::status
