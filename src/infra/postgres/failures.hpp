#pragma once
// What can go wrong below a transaction's lambda, as the pool needs to tell it apart. Made from
// libpqxx's exceptions in one place; never seen outside this library.
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

// To be called in a handler of what a call of libpqxx threw: throws one of the above, a
// ConstraintViolation or a QueryFailure; what is not the database's failure as it is.
// `final`: the statement may have taken effect although its answer was lost.
[[noreturn]] void rethrow_translated(const pqxx::connection& connection, bool final);

// The first line of a message, without what follows (details, hints, the query).
std::string first_line(std::string_view message);

}  // namespace stoa::pg
