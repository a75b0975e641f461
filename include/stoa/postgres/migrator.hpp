#pragma once
// Brings a database to the schema that this binary was built with. The numbered files of migrations/ are
// embedded; each is applied once, in order, in a transaction of its own, under an advisory lock so that
// several nodes may start at once. schema_migrations keeps each one's name and SHA-256. Blocks: for the
// start and the command line.
//
// Refused, with a message for people: a file that has changed since it was applied, one that the database
// has and this binary does not know, and a new one whose number is not the highest. A migration that
// fails leaves those before it applied and nothing of its own.
#include <stoa/postgres/database.hpp>

#include <functional>
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

// Uses a connection of its own to `db`'s database, without a time limit for statements. Answers the names
// applied by this call. Throws std::runtime_error as said above, Error{db_unavailable} with the reason in
// its message when the database is away. `begins` hears each name before its migration runs, which takes as long as the tables
// are large; another node may be at it, then nothing is heard.
std::vector<std::string> migrate(Database& db, std::span<const Migration> wanted = migrations(),
                                 const std::function<void(std::string_view)>& begins = {});
// The names that migrate() would apply; refuses what it would refuse.
std::vector<std::string> pending_migrations(Database& db,
                                            std::span<const Migration> wanted = migrations());

}  // namespace stoa::pg
