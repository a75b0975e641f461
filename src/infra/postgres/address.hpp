#pragma once
// From the configured database address to what libpq is given: the address itself plus what every
// connection of Stoa has in common. Pure.
#include <stoa/postgres/database.hpp>

#include <string>

namespace stoa::pg {

// Throws std::invalid_argument, without the address in its text, for one that libpq cannot read.
std::string connection_string(const DatabaseOptions& options);

}  // namespace stoa::pg
