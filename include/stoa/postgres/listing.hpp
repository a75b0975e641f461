#pragma once
// The SQL of a list whose filters may be left out. Each combination of those that are there is a statement of its own, so
// that it gets the plan and the index that suit it.
//
//   pg::Query<std::vector<RoomBan>> list_bans(RoomId room, std::optional<UserId> before, int limit) {
//     static const pg::Listing kBans("select ... from room_bans b where b.room_id = $1",
//                                    {" and b.user_id < $1"},
//                                    " order by b.user_id desc limit $1");
//     return kBans.query<RoomBan>(room, before, limit);
//   }
//
// Head, filters and tail number their own values from $1 on. query() takes the values in that order: a filter's is an
// optional, of a tuple where it has several, and the filter is left out where it is empty. Where the tail has kFiltersAgain, once at
// most, the same filters stand once more, with the same values. Immutable, safe on any thread.
#include <stoa/postgres/query.hpp>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace stoa::pg {

// What a person typed into a list's `q`, as a pattern of `ilike`: % and _ stand for themselves. Three letters or digits in a
// row are found anywhere. Fewer are found where a word begins with them, since an index of trigrams (pg_trgm) knows no more of
// them: the pattern then has no % in front, and the filter asks for later words beside it:
// (name ilike $1 or left($1, 1) <> '%' and name ilike '% ' || $1). Planned for its value (slow()), each half is the index's.
// Throws Error{VALIDATION_ERROR} of the field q without a letter or digit: no index knows signs.
std::string like_pattern(std::string_view part);

// What is searched for in names. Of text with runs of a script that writes without spaces, `runs` has the query for
// search_for() (migration 0018) that finds the names with those runs by an index, and the pattern of `ilike` that finds the
// text anywhere in them: (to_tsvector('simple', searchable(name)) @@ search_for($1) and name ilike $2). Of other text `like`
// has its like_pattern(). Of none, both are empty.
struct NamePart {
  explicit NamePart(const std::optional<std::string>& part);

  std::optional<std::string> like;
  std::optional<std::tuple<std::string, std::string>> runs;
};

class Listing {
 public:
  static constexpr std::size_t kMostFilters = 6;  // 64 statements
  static constexpr char kFiltersAgain[] = "{filters}";

  // Throws std::logic_error for more filters.
  Listing(std::string_view head, const std::vector<std::string_view>& filters,
          std::string_view tail);

  // Throws std::logic_error for another number of values than the pieces name.
  template <class Row, class... Args>
  Query<std::vector<Row>> query(const Args&... args) const {
    Collected collected;
    std::size_t index = 0;
    (collect(collected, index++, args), ...);
    check(index, collected);
    const std::string& text = statements_[collected.filters];
    return Query<std::vector<Row>>({Sql::of_static(text), std::move(collected.params)});
  }

 private:
  struct Collected {
    Params params;
    std::size_t filters = 0;  // a bit each
  };

  template <class Arg>
  void collect(Collected& to, std::size_t index, const Arg& arg) const {
    const bool filters = index >= head_ && index < head_ + filters_;
    constexpr bool kMayBeEmpty = requires { arg.has_value(); };
    if constexpr (!kMayBeEmpty) {
      if (filters) throw std::logic_error("the value of a filter is an optional");
      to.params.append(arg);
    } else {
      if (filters && !arg) return;
      if (filters) to.filters |= std::size_t{1} << (index - head_);
      if constexpr (requires { std::tuple_size<typename Arg::value_type>::value; }) {
        if (!filters) throw std::logic_error("several values belong to a filter");
        std::apply([&](const auto&... values) { (to.params.append(values), ...); }, *arg);
      } else {
        to.params.append(arg);
      }
    }
  }
  void check(std::size_t args, const Collected& collected) const;

  std::size_t head_;     // how many values it has
  std::size_t filters_;  // how many there are
  std::size_t tail_;
  std::vector<std::string> statements_;  // by the filters that are there
  std::vector<std::size_t> values_;      // how many each of them has
};

}  // namespace stoa::pg
