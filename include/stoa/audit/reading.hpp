#pragma once
// What an operator reads of the audit log, and how it is kept from growing for ever.
#include <stoa/core/binding.hpp>
#include <stoa/core/time.hpp>
#include <stoa/postgres/tx.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa::audit {

struct Entry {
  Timestamp at;            // when its transaction began
  std::string actor_kind;  // user, operator
  std::optional<UserId> actor_id;
  std::optional<AuthSessionId> session_id;
  std::string address;
  std::string request_id;
  std::string action;
  std::string target_kind;
  Uuid target_id;
  std::optional<std::string> within_kind;
  std::optional<Uuid> within_id;
  std::optional<std::string> before;  // JSON
  std::optional<std::string> after;
};
BOOST_DESCRIBE_STRUCT(Entry, (),
                      (at, actor_kind, actor_id, session_id, address, request_id, action,
                       target_kind, target_id, within_kind, within_id, before, after))

struct Filter {
  std::optional<UserId> actor;
  std::optional<Uuid> target;  // or where the target was
  std::optional<Timestamp> since;
};

// The newest first. May read all that happened in one place.
pg::Query<std::vector<Entry>> list_entries(const Filter& filter, int most);

// Takes away at most `most` of those that are older, and says how many.
std::int64_t delete_old_entries(pg::Tx& tx, std::chrono::milliseconds older_than, int most);

}  // namespace stoa::audit
