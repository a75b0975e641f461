#pragma once
// Look-ups by key that go together: those that come within a turn of the loop, or while a statement for others is under
// way, are asked for by the next statement, all at once. A thousand clients that come back at the same time ask in a few
// statements what each would have asked in one of its own; a lone look-up waits for one turn of the loop.
//
//   pg::Loader<MemberKey, store::Standing> standings_(db, &store::find_standings);
//   std::optional<store::Standing> standing = co_await standings_.load({room, user});
//
// The statement is given a list of keys, at most `database.lookup_batch`, and answers at most one row for each; the row's
// member `place` says for which, counted from 1:
//
//   select w.place, ... from unnest($1::uuid[]) with ordinality w (id, place) join ... on ... = w.id
//
// What is answered was read after load() was called. Owned by a service, and outlives its calls; load() may be called on
// any context, and look-ups of one context go together. Errors: those of Database::run, for all that asked together and for
// nobody who waits behind them; Error{db_unavailable} after waiting for longer than a statement may (`database.queue_timeout` and
// `statement_timeout` together); Error{overloaded} when as many wait as may (`database.lookups`). Who was cancelled while it
// waited is not asked for.
#include <stoa/postgres/database.hpp>
#include <stoa/postgres/detail/loader_lane.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>

namespace stoa::pg {

template <class Key, class Row>
class Loader {
 public:
  using Find = Query<std::vector<Row>> (*)(const std::vector<Key>& keys);

  Loader(Database& db, Find find) : db_(db), find_(find) {}
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Empty where there is no such row.
  Task<std::optional<Row>> load(Key key) {
    std::vector<Key> one;
    one.push_back(std::move(key));
    std::vector<std::optional<Row>> rows = co_await load_all(std::move(one));
    co_return std::move(rows.front());
  }

  // In the order of the keys.
  Task<std::vector<std::optional<Row>>> load_all(std::vector<Key> keys) {
    const std::size_t most = db_.options().lookup_batch;
    std::vector<std::optional<Row>> rows;
    rows.reserve(keys.size());
    for (std::size_t from = 0; from < keys.size(); from += most) {
      const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(from);
      const auto size = static_cast<std::ptrdiff_t>(std::min(most, keys.size() - from));
      std::vector<Key> some(begin, begin + size);
      std::vector<std::optional<Row>> found = co_await load_some(std::move(some));
      std::move(found.begin(), found.end(), std::back_inserter(rows));
    }
    co_return rows;
  }

 private:
  struct Typed final : detail::Lookup {
    Typed(detail::LoaderLane& on, std::vector<Key> wanted)
        : Lookup(on, wanted.size()), keys(std::move(wanted)), rows(keys.size()) {}
    std::vector<Key> keys;
    std::vector<std::optional<Row>> rows;
  };

  Task<std::vector<std::optional<Row>>> load_some(std::vector<Key> keys) {
    const Executor executor = co_await asio::this_coro::executor;
    auto& lane = detail::LoaderLane::of(executor, id_, db_.options());
    const auto lookup = std::make_shared<Typed>(lane, std::move(keys));
    lookup->cancellation = co_await asio::this_coro::cancellation_state;
    co_await detail::Waiter::wait(lookup);
    if (lookup->leads) {
      // Made here: a task that has been cancelled gets no further than to its next co_await.
      detail::LoaderRound round(lookup);
      co_await ask(round);
    }
    co_return std::move(lookup->rows);
  }

  Task<> ask(detail::LoaderRound& round) {
    std::vector<Key> keys;
    for (const auto& lookup : round.lookups()) {
      const auto& its = static_cast<Typed&>(*lookup).keys;
      keys.insert(keys.end(), its.begin(), its.end());
    }
    auto query = find_(keys);
    std::vector<Row> rows;
    std::exception_ptr failure;
    try {
      rows = co_await db_.run(std::move(query));
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) {
      round.fail(failure);
      std::rethrow_exception(failure);
    }
    std::vector<std::optional<Row>*> places;
    places.reserve(keys.size());
    for (const auto& lookup : round.lookups()) {
      for (auto& place : static_cast<Typed&>(*lookup).rows) places.push_back(&place);
    }
    for (Row& row : rows) {
      const auto place = static_cast<std::size_t>(row.place - 1);
      *places.at(place) = std::move(row);
    }
    round.succeed();
  }

  Database& db_;
  const Find find_;
  const detail::LoaderId id_ = detail::next_loader_id();
};

}  // namespace stoa::pg
