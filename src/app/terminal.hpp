#pragma once
// What is printed for an operator's terminal.
#include <cstddef>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::app {

// What clients, handlers and libraries have said may hold anything, as far as a terminal is concerned: control characters,
// those above ASCII too, what turns the direction of a line and what ends one. `text` is UTF-8. Such a character becomes
// spaces.
std::string one_line(std::string text);

// A list of which one more than `limit` was asked for, to know whether there are more: `limit` of its rows, each by
// print(row), or what is said where there is none.
template <class Row>
void print_list(const std::vector<Row>& rows, int limit, void (*print)(const Row&),
                std::string_view none) {
  const auto most = static_cast<std::size_t>(limit);
  for (std::size_t i = 0; i < rows.size() && i < most; ++i) print(rows[i]);
  if (rows.empty()) std::cout << none << '\n';
  if (rows.size() > most) std::cout << "and more: --limit shows them\n";
}

}  // namespace stoa::app
