#pragma once
// What has to be tidied up every hour: rows that have had their day would otherwise stay for ever.
#include <stoa/postgres/tx.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace stoa {

struct Chore {
  std::string_view name;  // for the log
  // Takes away at most `most` of what is due, and says how many: a transaction of its own, again until there are
  // fewer than `most`, so that a long absence is made up for in slices that hold no lock for long.
  std::int64_t (*tidy)(pg::Tx& tx, int most);
};
using Chores = std::vector<Chore>;

}  // namespace stoa
