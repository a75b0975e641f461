#pragma once
// What every list does alike: it reads its cursor, and asks for one row more than the page holds, which tells
// whether there is a next one. Pure functions.
//
//   auto listing = store::list_members(room, keys_of<Timestamp, UserId>(query.cursor), limit + 1);
//   auto members = co_await db_.run(std::move(listing));
//   co_return page_of(std::move(members), limit, [](const auto& m) { return cursor_of(m.joined_at, m.user_id); });
#include <stoa/core/binding.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace stoa {

namespace detail {
// A sort key as it stands in a cursor, behind what is there already.
void append_key(std::string& to, Timestamp key);  // microseconds
void append_key(std::string& to, std::int64_t key);
void append_key(std::string& to, const Uuid& key);
template <class Tag>
void append_key(std::string& to, const Id<Tag>& key) {
  append_key(to, key.uuid);
}

// Takes the next key off the text. Throws Error{invalid_fields} where it is none.
void take_key(std::string_view& from, Timestamp& key);
void take_key(std::string_view& from, std::int64_t& key);
void take_key(std::string_view& from, Uuid& key);
template <class Tag>
void take_key(std::string_view& from, Id<Tag>& key) {
  take_key(from, key.uuid);
}
void take_end(std::string_view from);
}  // namespace detail

// Where a list goes on that is sorted by these keys: those of its last row.
template <class... Keys>
Cursor cursor_of(const Keys&... keys) {
  Cursor cursor;
  (detail::append_key(cursor.key, keys), ...);
  return cursor;
}

// The keys; empty for the first page. A cursor that this list cannot have given is Error{invalid_fields}.
template <class... Keys>
std::optional<std::tuple<Keys...>> keys_of(const std::optional<Cursor>& cursor) {
  if (!cursor) return std::nullopt;
  std::string_view rest = cursor->key;
  std::tuple<Keys...> keys;
  std::apply([&](auto&... key) { (detail::take_key(rest, key), ...); }, keys);
  detail::take_end(rest);
  return keys;
}

// Of a list that is sorted by one id.
template <class Id>
std::optional<Id> id_of(const std::optional<Cursor>& cursor) {
  const auto keys = keys_of<Id>(cursor);
  return keys ? std::optional<Id>(std::get<0>(*keys)) : std::nullopt;
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
  return page_of(std::move(rows), limit, [](const T& last) { return cursor_of(last.id); });
}

// The same with no more rows than have at most `bytes` as JSON, but at least one: an answer is written on the shard, whatever
// people wrote into its rows.
template <class T>
Page<T> page_by_id(std::vector<T> rows, int limit, std::size_t bytes) {
  std::string json;
  int fitting = 0;
  for (const T& row : rows) {
    const std::size_t before = json.size();
    Binding<T>::write(json, row);
    if (before > 0 && json.size() > bytes) break;
    if (++fitting == limit) break;
  }
  return page_by_id(std::move(rows), std::min(limit, std::max(fitting, 1)));
}

// Two lists that are each sorted by their rows' ids, the newest first, as one. What went from one to the other while they were
// read, and so is in both, is there once.
template <class T>
std::vector<T> merged_by_id(std::vector<T> rows, std::vector<T> more) {
  const auto middle = static_cast<std::ptrdiff_t>(rows.size());
  std::move(more.begin(), more.end(), std::back_inserter(rows));
  std::inplace_merge(rows.begin(), rows.begin() + middle, rows.end(),
                     [](const T& a, const T& b) { return a.id > b.id; });
  const auto is_same = [](const T& a, const T& b) { return a.id == b.id; };
  rows.erase(std::unique(rows.begin(), rows.end(), is_same), rows.end());
  return rows;
}

}  // namespace stoa
