#pragma once
// SQL of what is no other feature's.
#include <stoa/core/binding.hpp>
#include <stoa/core/config_types.hpp>
#include <stoa/core/time.hpp>
#include <stoa/postgres/tx.hpp>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace stoa::account::store {

// Empty where the last copy was asked for within that time.
pg::Query<std::optional<UserId>> begin_copy(UserId user, Duration every);
// How many seconds are left until the next one.
pg::Query<std::optional<std::int64_t>> find_wait(UserId user, Duration every);
// The answers that are kept for repeated requests.
pg::Query<pg::Count> delete_keys(UserId user);

// What the audit log has of a person: what he did, and what others did to him, without where they did it from.
struct ActRow {
  Timestamp at;
  Uuid id;
  std::string address;
  std::string action;
  std::string target_kind;
  Uuid target_id;
  std::optional<std::string> before;
  std::optional<std::string> after;
};
BOOST_DESCRIBE_STRUCT(ActRow, (), (at, id, address, action, target_kind, target_id, before, after))
using ActKeys = std::tuple<Timestamp, Uuid>;
pg::Query<std::vector<ActRow>> export_acts(UserId user, const std::optional<ActKeys>& before,
                                           int limit);
pg::Query<std::vector<ActRow>> export_acts_upon(UserId user, const std::optional<ActKeys>& before,
                                                int limit);

}  // namespace stoa::account::store
