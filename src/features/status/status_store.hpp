#pragma once
// SQL of the totals.
#include <stoa/postgres/query.hpp>

#include <cstdint>

namespace stoa::status::store {

struct Totals {
  std::int64_t users = 0;
  std::int64_t rooms = 0;
  std::int64_t messages = 0;
};
BOOST_DESCRIBE_STRUCT(Totals, (), (users, rooms, messages))

// Counts over whole tables.
pg::Query<Totals> get_totals();

}  // namespace stoa::status::store
