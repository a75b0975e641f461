#pragma once
// Brings a database to the schema that this binary was built with. The numbered files of
// migrations/ are embedded; each is applied once, in order, in a transaction of its own, under an
// advisory lock so that several nodes may start at once. A file that was applied and has changed
// since is refused.
#include <stoa/postgres/database.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::pg {

struct Migration {
  std::string_view name;  // 0001_accounts
  std::string_view sql;
};

std::span<const Migration> migrations() noexcept;

// Answers the names applied by this call. Throws std::runtime_error naming a drifted or unknown
// one.
std::vector<std::string> migrate(Database& db);
// The names that migrate() would apply.
std::vector<std::string> pending_migrations(Database& db);

}  // namespace stoa::pg
