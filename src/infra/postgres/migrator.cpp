#include <stoa/core/hex.hpp>
#include <stoa/postgres/migrator.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <stdexcept>

#include <openssl/evp.h>

namespace stoa::pg {
namespace {

// Any number will do as long as it stays the same: nodes of different versions may start at once.
constexpr std::int64_t kLock = 0x53746f61;

struct Applied {
  std::string name;
  std::string checksum;
};
BOOST_DESCRIBE_STRUCT(Applied, (), (name, checksum))

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("no SHA-256 from OpenSSL");
  }
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::vector<Applied> list_applied(Tx& tx) {
  if (!tx.get<bool>("select to_regclass('schema_migrations') is not null")) return {};
  return tx.list<Applied>("select name, checksum from schema_migrations order by name");
}

// Those still to be applied, in order; throws when the database and the files contradict each other.
std::vector<Migration> pending(std::span<const Migration> wanted,
                               const std::vector<Applied>& applied) {
  std::map<std::string_view, const Migration*> known;
  for (const auto& migration : wanted) known[migration.name] = &migration;
  for (const auto& done : applied) {
    const auto found = known.find(done.name);
    if (found == known.end()) {
      throw std::runtime_error(
          "the database has migration " + done.name +
          ", which this version of stoa does not know: a newer one has been here. "
          "Run that version, or restore a backup made before it");
    }
    if (sha256_hex(found->second->sql) != done.checksum) {
      throw std::runtime_error("migration " + done.name +
                               " is not the one that was applied to this database: it was changed "
                               "afterwards. Undo the change and add a new migration instead");
    }
    known.erase(found);
  }
  std::vector<Migration> rest;
  for (const auto& [name, migration] : known) {
    if (!applied.empty() && name < applied.back().name) {
      throw std::runtime_error("migration " + std::string(name) + " comes before " +
                               applied.back().name +
                               ", which is applied already: give it the next free number");
    }
    rest.push_back(*migration);
  }
  return rest;
}

// Applies the next one, if any, and answers its name.
std::optional<std::string> apply_next(Tx& tx, std::span<const Migration> wanted,
                                      const std::function<void(std::string_view)>& begins) {
  tx.run("select pg_advisory_xact_lock($1)", kLock);
  tx.run(
      "create table if not exists schema_migrations (name text primary key, checksum text not "
      "null, "
      "applied_at timestamptz not null default now())");
  const auto rest = pending(wanted, list_applied(tx));
  if (rest.empty()) return std::nullopt;
  const Migration& next = rest.front();
  if (begins) begins(next.name);
  try {
    tx.script(next.sql);
  } catch (const ConstraintViolation& e) {
    throw std::runtime_error("migration " + std::string(next.name) + " failed: " + e.what());
  } catch (const QueryFailure& e) {
    throw std::runtime_error("migration " + std::string(next.name) + " failed: " + e.what());
  }
  tx.run("insert into schema_migrations (name, checksum) values ($1, $2)", next.name,
         sha256_hex(next.sql));
  return std::string(next.name);
}

// Runs on `db` and says why when it is away.
template <class F>
auto run_or_say_why(Database& db, F work) {
  try {
    return db.run_blocking(std::move(work));
  } catch (const Error& error) {
    const auto why = db.last_failure();
    if (error.code() != Code::db_unavailable || why.empty()) throw;
    throw Error(Code::db_unavailable, "The database is not reachable: " + why);
  }
}

}  // namespace

std::vector<std::string> migrate(Database& db, std::span<const Migration> wanted,
                                 const std::function<void(std::string_view)>& begins) {
  DatabaseOptions options = db.options();
  options.connections = 1;
  options.statement_timeout = std::chrono::milliseconds(0);  // a large table takes its time
  Database patient(options);
  std::vector<std::string> applied;
  for (;;) {
    auto name = run_or_say_why(
        patient, [wanted, &begins](Tx& tx) { return apply_next(tx, wanted, begins); });
    if (!name) return applied;
    applied.push_back(std::move(*name));
  }
}

std::vector<std::string> pending_migrations(Database& db, std::span<const Migration> wanted) {
  return run_or_say_why(db, [wanted](Tx& tx) {
    std::vector<std::string> names;
    for (const auto& migration : pending(wanted, list_applied(tx)))
      names.emplace_back(migration.name);
    return names;
  });
}

}  // namespace stoa::pg
