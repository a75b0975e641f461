#pragma once
// What can go wrong below a transaction's lambda, as the pool needs to tell it apart. Made from
// libpqxx's exceptions in one place; never seen outside this library.
#include <stoa/core/error.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include <pqxx/connection>

namespace stoa::pg {

// The connection is gone, and nothing was committed.
struct Lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// The connection is gone, and nobody can tell whether the commit happened.
struct InDoubt : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// A deadlock or a serialisation failure: rolled back, worth another try.
struct Conflict : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// The server is there but cannot do it now: the statement's time is over, the disk is full, it has
// become a standby. Nothing was committed.
struct Unavailable : std::runtime_error {
  Unavailable(const std::string& what, bool wants_reconnect)
      : std::runtime_error(what), reconnect(wants_reconnect) {}
  bool reconnect;  // a new connection may reach a server that can
};

// What PostgreSQL said of a statement that failed: throws one of the above, a ConstraintViolation or a QueryFailure.
// `line` is the message's first line, `constraint` the name of the one that said no.
[[noreturn]] void throw_server_error(const std::string& state, const std::string& line,
                                     std::string constraint);

// To be called in a handler of what a call of libpqxx threw: throws one of the above, a
// ConstraintViolation or a QueryFailure; what is not the database's failure as it is.
// `final`: the statement may have taken effect although its answer was lost.
[[noreturn]] void rethrow_translated(const pqxx::connection& connection, bool final);

// What a caller is told when the database cannot: `code`, and to try again in a second.
std::exception_ptr refusal(Code code);
// What an exception says.
std::string text_of(const std::exception_ptr& why);

// The first line of a message, without what follows (details, hints, the query).
std::string first_line(std::string_view message);

}  // namespace stoa::pg
