#pragma once
// What each feature does with what it has of a person: when the account is deleted, and when its owner takes a copy of everything
// (docs/adr/0034-leaving.md). A feature that keeps something of people says both in its row; `account` asks for them.
//
//   module.leaving = {.at_once = [](pg::Tx& tx, const Caller& who) { tx.run(store::delete_answers(who.user)); }};
//   module.exports = {people::lines<AnswerRow, &store::export_answers, &AnswerRow::id>(on.db, "answers.jsonl")};
//
// Made before the server runs; called on any thread from then on.
#include <stoa/core/binding.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/paging.hpp>
#include <stoa/core/task.hpp>
#include <stoa/net/turns.hpp>
#include <stoa/postgres/database.hpp>

#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace stoa::people {

// ---- Leaving -------------------------------------------------------------------------------------------

// The row of the account stays, without anything of the person, so that what others still need may go on naming its id: nothing
// has to be done for that. What is the person's alone is deleted. Both may find that it was done before.
struct Leaving {
  // In the transaction that deletes the account, which holds the account's row: a few statements, each by an index.
  std::function<void(pg::Tx&, const Caller& who)> at_once = {};
  // For what may be much: a slice of it in a transaction of its own, and whether there may be more. A job calls it until there is
  // not, and again a while later, for what requests wrote that were under way. `who` has no client then.
  std::function<bool(pg::Tx&, const Caller& who)> afterwards = {};
};

// ---- Taking a copy -------------------------------------------------------------------------------------

// How many rows a piece has, where they are short: it is held in memory.
inline constexpr int kRows = 200;

// The next piece of the archive. All pieces of a file follow one another; another name begins another file.
struct Piece {
  std::string file;   // a relative path, as "messages.jsonl"; empty where there is nothing to add
  std::string bytes;  // may be empty
  std::optional<std::string>
      next;  // where it goes on, as this export has named it; empty at its end
};
// `at`: empty for the first piece. What it throws cuts the archive short.
using Export = std::function<Task<Piece>(UserId who, std::string at)>;

namespace detail {

template <class... Keys>
std::string text_of(const std::tuple<Keys...>& keys) {
  return std::apply([](const auto&... key) { return cursor_of(key...).key; }, keys);
}
template <class Keys>
struct Start;
template <class... Keys>
struct Start<std::tuple<Keys...>> {
  static std::optional<std::tuple<Keys...>> at(std::string text) {
    if (text.empty()) return std::nullopt;
    return keys_of<Keys...>(Cursor{std::move(text)});
  }
};

template <class Keys>
struct KeysOf;
template <class Key, class Row>
struct KeysOf<Key Row::*> {
  using Tuple = std::tuple<Key>;
};
template <class... Keys, class Row>
struct KeysOf<std::tuple<Keys...> (*)(const Row&)> {
  using Tuple = std::tuple<Keys...>;
};

}  // namespace detail

// A file with a line of JSON (RFC 8259) for each row of a list that is read page by page, by an index. `list` answers at most
// `limit` rows behind the keys of the last one; `key` is a row's member, or a function that answers a tuple of keys.
template <class Row, auto List, auto Key>
Export lines(pg::Database& db, std::string file, int limit = kRows) {
  using Keys = typename detail::KeysOf<decltype(Key)>::Tuple;
  return [&db, file = std::move(file), limit](UserId who, std::string at) -> Task<Piece> {
    const std::optional<Keys> after = detail::Start<Keys>::at(std::move(at));
    auto query = List(who, after, limit).slow(net::turn_of(who));
    const std::vector<Row> rows = co_await db.run(std::move(query));
    Piece piece{file, {}, std::nullopt};
    for (const Row& row : rows) {
      write_to(piece.bytes, row);
      piece.bytes += '\n';
    }
    if (rows.size() == static_cast<std::size_t>(limit)) {
      if constexpr (std::is_member_pointer_v<decltype(Key)>) {
        piece.next = detail::text_of(Keys(rows.back().*Key));
      } else {
        piece.next = detail::text_of(Key(rows.back()));
      }
    }
    co_return piece;
  };
}

// The same of a list that the configuration keeps short: pg::Query<std::vector<Row>> list(UserId).
template <class Row, auto List>
Export lines(pg::Database& db, std::string file) {
  return [&db, file = std::move(file)](UserId who, std::string) -> Task<Piece> {
    auto query = List(who).slow(net::turn_of(who));
    const std::vector<Row> rows = co_await db.run(std::move(query));
    Piece piece{file, {}, std::nullopt};
    for (const Row& row : rows) {
      write_to(piece.bytes, row);
      piece.bytes += '\n';
    }
    co_return piece;
  };
}

// ---- All features' parts, in their order ---------------------------------------------------------------

struct Parts {
  std::vector<Leaving> leaving;
  std::vector<Export> exports;
};

}  // namespace stoa::people
