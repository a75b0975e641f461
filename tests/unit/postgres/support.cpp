#include "support.hpp"

#include <cstdlib>
#include <random>
#include <stdexcept>

#include <libpq-fe.h>
#include <pqxx/connection>
#include <pqxx/nontransaction>

namespace stoa::pg::test {

std::map<std::string, std::string> server_settings() {
  const char* url = std::getenv("STOA_TEST_DATABASE_URL");
  if (url == nullptr) throw std::runtime_error("STOA_TEST_DATABASE_URL is not set");
  auto* parsed = PQconninfoParse(url, nullptr);
  if (parsed == nullptr) throw std::runtime_error("STOA_TEST_DATABASE_URL cannot be read");
  std::map<std::string, std::string> settings;
  for (auto* option = parsed; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) settings[option->keyword] = option->val;
  }
  PQconninfoFree(parsed);
  return settings;
}

std::string conninfo(const std::map<std::string, std::string>& settings) {
  std::string text;
  for (const auto& [key, value] : settings) {
    text += key + "='";
    for (const char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += "' ";
  }
  return text;
}

Schema::Schema() : name_("test_" + Uuid::v7().str()) {
  script("create schema \"" + name_ + "\"");
}

Schema::~Schema() {
  try {
    script("drop schema \"" + name_ + "\" cascade");
  } catch (const std::exception&) {
    // A test that broke the server has failed already.
  }
}

std::string Schema::url(std::map<std::string, std::string> overrides) const {
  auto settings = server_settings();
  settings["options"] += " -c search_path=" + name_ + ",public";
  for (auto& [key, value] : overrides) settings[key] = value;
  return conninfo(settings);
}

DatabaseOptions Schema::options(std::size_t connections) const {
  DatabaseOptions options;
  options.url = url();
  options.connections = connections;
  return options;
}

void Schema::script(const std::string& sql) const {
  pqxx::connection connection(url());
  pqxx::nontransaction work(connection);
  work.exec(sql);
}

Gate::Gate(const Schema& schema) : number_(std::random_device{}()), holder_(schema.options(1)) {
  holder_.run_blocking([n = number_](Tx& tx) { tx.run("select pg_advisory_lock($1)", n); },
                       Mode::autocommit);
}

void Gate::open() {
  holder_.run_blocking([n = number_](Tx& tx) { tx.run("select pg_advisory_unlock($1)", n); },
                       Mode::autocommit);
}

void Gate::pass(Tx& tx, std::int64_t number) {
  tx.run("select pg_advisory_xact_lock_shared($1)", number);
}

std::vector<int> Gate::waiting() {
  return holder_.run_blocking([n = number_](Tx& tx) {
    return tx.list<int>(
        "select pid from pg_locks where locktype = 'advisory' and not granted "
        "and classid::bigint << 32 | objid::bigint = $1",
        n);
  });
}

}  // namespace stoa::pg::test
