#include "infra/postgres/failures.hpp"

#include <stoa/postgres/tx.hpp>

#include <array>
#include <string>
#include <string_view>

#include <pqxx/except>

namespace stoa::pg {
namespace {

// libpqxx does not hand over the error's fields, but in verbose messages they are lines of their
// own. The name comes after everything that holds values, so the last such line is the true one.
std::string constraint_name(std::string_view message) {
  constexpr std::string_view kLabel = "\nCONSTRAINT NAME:  ";
  const auto at = message.rfind(kLabel);
  if (at == std::string_view::npos) return {};
  return first_line(message.substr(at + kLabel.size()));
}

bool starts_with_any(std::string_view state, std::initializer_list<std::string_view> prefixes) {
  for (const auto prefix : prefixes) {
    if (state.starts_with(prefix)) return true;
  }
  return false;
}

// The first line of what PostgreSQL said; libpqxx 7 puts its name of the statement before.
std::string reason(std::string_view message) {
  constexpr std::string_view kPrefix = "Failure during '";
  constexpr std::string_view kEnd = "': ";
  if (message.starts_with(kPrefix)) {
    const auto end = message.find(kEnd, kPrefix.size());
    if (end != std::string_view::npos) message.remove_prefix(end + kEnd.size());
  }
  return first_line(message);
}

}  // namespace

void throw_server_error(const std::string& state, const std::string& line, std::string constraint) {
  if (state.starts_with("23")) {
    const std::string what = "constraint " + constraint + " (" + state + ")";
    if (state == "23505") throw UniqueViolation(what, std::move(constraint));
    if (state == "23503") throw ForeignKeyViolation(what, std::move(constraint));
    throw ConstraintViolation(what, std::move(constraint));
  }
  if (state == "40P01" || state == "40001") throw Conflict(line);
  // 57014 the statement's time is over; 53 resources; 58 the system around it.
  if (starts_with_any(state, {"57014", "53", "58"})) throw Unavailable(line, false);
  // 57P going down; 25006 read-only, as after a failover; 08 the connection.
  if (starts_with_any(state, {"57P", "25006", "08"})) throw Unavailable(line, true);
  throw QueryFailure(line, state);
}

std::exception_ptr refusal(Code code) {
  Error failure(code);
  failure.retry_after(std::chrono::seconds(1));
  return std::make_exception_ptr(failure);
}

std::string text_of(const std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const std::exception& e) {
    return e.what();
  }
}

std::string first_line(std::string_view message) {
  return std::string(message.substr(0, message.find('\n')));
}

void rethrow_translated(const pqxx::connection& connection, bool final) {
  try {
    throw;
  } catch (const pqxx::in_doubt_error& error) {
    throw InDoubt(reason(error.what()));
  } catch (const pqxx::statement_completion_unknown& error) {
    throw InDoubt(reason(error.what()));
  } catch (const pqxx::transaction_rollback& error) {
    throw Conflict(reason(error.what()));
  } catch (const pqxx::failure& error) {
    if (!connection.is_open()) {
      const std::string what = "the connection broke: " + reason(error.what());
      if (final) throw InDoubt(what);
      throw Lost(what);
    }
    if (const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error)) {
      throw_server_error(sql->sqlstate(), reason(sql->what()), constraint_name(sql->what()));
    }
    throw QueryFailure(reason(error.what()), "");
  }
}

}  // namespace stoa::pg
