#pragma once
// What libpqxx 6 (Debian 12) and 7 (Debian 13) call differently, under one name each. Everything else
// that this library uses of it is the same in both.
#include <stoa/postgres/query.hpp>

#include <memory>
#include <string>

#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <pqxx/result>
#include <pqxx/transaction_base>

namespace stoa::pg {

// Errors come in full and as exceptions alone, and a lost connection stays lost. What is returned
// belongs to the connection and goes before it.
std::unique_ptr<pqxx::errorhandler> configure(pqxx::connection& connection);

void disconnect(pqxx::connection& connection) noexcept;

// Asks the server at once. A statement that it refuses leaves nothing behind.
void prepare(pqxx::connection& connection, const std::string& name, const std::string& sql);

pqxx::result execute_prepared(pqxx::transaction_base& transaction, const std::string& name,
                              const Params& params);

// Not prepared, and so planned for these values.
pqxx::result execute_once(pqxx::transaction_base& transaction, const std::string& sql,
                          const Params& params);

}  // namespace stoa::pg
