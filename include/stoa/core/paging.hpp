#pragma once
// What every list does alike: it reads its cursor, and asks for one row more than the page holds, which tells
// whether there is a next one. Pure functions.
#include <stoa/core/binding.hpp>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace stoa {

// The cursor is none that this list has given: Error{invalid_fields}.
[[noreturn]] void refuse_cursor();

// The id where the list goes on; empty for the first page. Throws as refuse_cursor() does.
template <class Id>
std::optional<Id> id_of(const std::optional<Cursor>& cursor) {
  if (!cursor) return std::nullopt;
  const auto id = Id::parse(cursor->key);
  if (!id) refuse_cursor();
  return id;
}

// `rows`: up to limit + 1 of them.
template <class T, class CursorOf>
Page<T> page_of(std::vector<T> rows, int limit, CursorOf cursor_of) {
  Page<T> page{std::move(rows), std::nullopt};
  if (page.items.size() > static_cast<std::size_t>(limit)) {
    page.items.resize(static_cast<std::size_t>(limit));
    page.next_cursor = cursor_of(page.items.back());
  }
  return page;
}

// Of a list that is sorted by its rows' ids.
template <class T>
Page<T> page_by_id(std::vector<T> rows, int limit) {
  return page_of(std::move(rows), limit, [](const T& last) { return Cursor{last.id.str()}; });
}

}  // namespace stoa
