#pragma once
// What is printed for an operator's terminal.
#include <string>

namespace stoa::app {

// What clients, handlers and libraries have said may hold anything, as far as a terminal is concerned.
inline std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return text;
}

}  // namespace stoa::app
