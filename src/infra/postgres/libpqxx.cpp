#include "infra/postgres/libpqxx.hpp"

#include <vector>

#include <pqxx/prepared_statement>
#include <pqxx/version>

namespace stoa::pg {

#if PQXX_VERSION_MAJOR < 7

namespace {

// What libpqxx 6 would write to stderr is in the exceptions too.
struct Quiet final : pqxx::errorhandler {
  using pqxx::errorhandler::errorhandler;
  bool operator()(const char[]) noexcept override { return false; }
};

}  // namespace

std::unique_ptr<pqxx::errorhandler> configure(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  connection.set_verbosity(pqxx::connection::verbose);
  return std::make_unique<Quiet>(connection);
}

void disconnect(pqxx::connection& connection) noexcept {
  connection.disconnect();
}

void prepare(pqxx::connection& connection, const std::string& name, const std::string& sql) {
  connection.prepare(name, sql);
  try {
    connection.prepare_now(name);
  } catch (...) {
    connection.unprepare(name);  // only libpqxx knows of it
    throw;
  }
}

pqxx::result execute_prepared(pqxx::transaction_base& transaction, const std::string& name,
                              const Params& params) {
  std::vector<const char*> values;
  values.reserve(params.size());
  for (std::size_t i = 0; i < params.size(); ++i) values.push_back(params.c_str(i));
  return transaction.exec_prepared(
      name, pqxx::prepare::make_dynamic_params(values.begin(), values.end()));
}

#else

// libpqxx 7 neither writes to stderr nor connects anew by itself.
std::unique_ptr<pqxx::errorhandler> configure(pqxx::connection& connection) {
  connection.set_verbosity(pqxx::error_verbosity::verbose);
  return nullptr;
}

void disconnect(pqxx::connection& connection) noexcept {
  connection.close();
}

void prepare(pqxx::connection& connection, const std::string& name, const std::string& sql) {
  connection.prepare(name, sql);
}

pqxx::result execute_prepared(pqxx::transaction_base& transaction, const std::string& name,
                              const Params& params) {
  pqxx::params values;
  values.reserve(params.size());
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (params.is_null(i)) {
      values.append();
    } else {
      values.append(pqxx::zview(params.at(i)));  // not a copy
    }
  }
  return transaction.exec(pqxx::prepped{name}, values);
}

#endif

}  // namespace stoa::pg
