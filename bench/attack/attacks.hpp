#pragma once
// The attacks of scripts/attack: one row each, with the people and the room that it needs.

#include "flood.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace attack {

// Who attacks, and where.
struct World {
  std::vector<std::string> tokens;  // of accounts, all of them members of the room
  std::string room;
};

struct Row {
  std::string name;
  std::string what;
  std::size_t accounts = 0;  // that it needs; each may have twenty sockets
  std::size_t messages = 0;  // of 15 KiB that stand in the room before it begins
  std::function<std::vector<Script>(const World&)> scripts;
};

std::vector<Row> rows();

// Words that nobody has said before, so many bytes of them.
std::string random_words(std::size_t bytes);

}  // namespace attack
