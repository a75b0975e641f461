#pragma once
// One attack: connections from one address, each of which opens as the attack says, then sends the same bytes again and
// again as fast as its socket takes them, reads and forgets what is answered, and begins anew when the server closes it.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace attack {

// What a connection does. Strings are made once an attack: nothing is computed while it runs.
struct Script {
  std::string opening;       // sent first
  std::string until;         // what has to come before more is sent; empty: nothing
  std::string second;        // sent then, if it is not empty, and
  std::string until_second;  // what has to come before the flood
  std::string flood;  // again and again; empty: the connection ends here, and the next begins
  std::string over;   // what comes when there is nothing more to gain by this connection
  // The flood, where it depends on what the opening was answered.
  std::function<std::string(const std::string&)> flood_for;
  bool resets = false;  // ends with a reset
};

struct Attack {
  std::string name;
  std::string what;             // for the table
  std::vector<Script> scripts;  // connections take them in turns
};

// Shared with the process that watches.
struct Score {
  std::atomic<std::uint64_t> connections{0}, bytes_out{0}, bytes_in{0}, failures{0};
};

// Runs until `stop`.
void run_flood(const Attack& attack, const std::string& source, std::uint16_t port,
               std::size_t connections, Score& score, const std::atomic<bool>& stop);

}  // namespace attack
