#include "support.hpp"

#include <cstdlib>
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

DatabaseOptions Schema::options() const {
  DatabaseOptions options;
  options.url = url();
  options.connections = 2;
  return options;
}

void Schema::script(const std::string& sql) const {
  pqxx::connection connection(url());
  pqxx::nontransaction work(connection);
  work.exec(sql);
}

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

}  // namespace stoa::pg::test
