#pragma once
// The database of one command of the command line, beside a running server or without one. Runs on the main thread.
#include "app/database_options.hpp"
#include "app/terminal.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/log.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace stoa::app {

// The options of a command's database: one connection, whose failure is waited for, since it says what is wrong.
inline pg::DatabaseOptions one_connection(const Config& config) {
  auto options = database_options(config.database);
  options.connections = 1;
  options.queue_timeout = std::max(options.queue_timeout, 4 * options.connect_timeout);
  return options;
}

// While it lives nothing is logged.
class Quiet {
 public:
  Quiet() { log::start({.level = config::LogLevel::off, .access = false}); }
  ~Quiet() { log::stop(); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
};

// Answers use(db). What goes wrong is the command's to say, in a line for a person: nothing is logged. Throws
// Error{db_unavailable} with which server did not answer, and how to name another.
template <class Use>
auto with_database(const pg::DatabaseOptions& options, Use use) {
  const Quiet quiet;
  pg::Database db(options);
  try {
    return use(db);
  } catch (const Error& error) {
    if (error.code() != Code::db_unavailable) throw;
    // What has a connection of its own, as migrations have, may say it before the database's own attempt has failed.
    const std::string failure = db.last_failure();
    const std::string why = failure.empty() ? error.what() : failure;
    throw Error(Code::db_unavailable, "cannot reach the database (" + one_line(why) +
                                          "): set STOA_DATABASE_URL or --config");
  }
}

// Answers work(tx), which is committed.
template <class Work>
auto in_database(const Config& config, Work work) {
  return with_database(one_connection(config),
                       [&work](pg::Database& db) { return db.run_blocking(std::move(work)); });
}

}  // namespace stoa::app
