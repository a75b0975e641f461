#pragma once
// One transaction, as store functions see it. It lives on a database thread for the length of the
// lambda that Database::transaction runs, and is never kept. Statements are parameterised ($1, $2),
// prepared once a connection, and their rows become described structs by position. A statement that
// is used by itself too is a pg::Query; others are written in place:
//
//   auto room = tx.run(store::find_room(id));
//
//   struct RoomRow { RoomId id; std::string name; };
//   BOOST_DESCRIBE_STRUCT(RoomRow, (), (id, name))
//   auto room = tx.find<RoomRow>("select id, name from study_rooms where id = $1", id);
//
// A scalar Row reads the one column. Throws UniqueViolation and the like for constraints, which a
// store turns into an Error; every other failure of the database leaves the lambda and fails the
// transaction. PostgreSQL ends a transaction at the first failed statement: one that was caught
// must still be left by an exception (`on conflict` is the way to go on).
//
// What follows from the commit outside the database is an effect (<stoa/core/effects.hpp>): tx.on_commit(), tx.then().
// Only a transaction has effects; in autocommit each statement is committed by itself, and asking for one is a
// std::logic_error.
#include <stoa/core/effects.hpp>
#include <stoa/postgres/query.hpp>
#include <stoa/postgres/rows.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::pg {

// A constraint said no. `constraint` is its name in the migrations.
struct ConstraintViolation : std::runtime_error {
  ConstraintViolation(const std::string& what, std::string name)
      : std::runtime_error(what), constraint(std::move(name)) {}
  std::string constraint;
};
struct UniqueViolation : ConstraintViolation {
  using ConstraintViolation::ConstraintViolation;
};
struct ForeignKeyViolation : ConstraintViolation {
  using ConstraintViolation::ConstraintViolation;
};

// The database refused a statement for another reason: a mistake in it, or in the values. The text
// is the first line of what PostgreSQL said, so that no row's content comes into a log.
struct QueryFailure : std::runtime_error {
  QueryFailure(const std::string& what, std::string state)
      : std::runtime_error(what), sqlstate(std::move(state)) {}
  std::string sqlstate;
};

class Tx : public Effects {
 public:
  virtual ~Tx() = default;

  template <class Answer>
  Answer run(const Query<Answer>& query) {
    return detail::AnswerOf<Answer>::from(
        *execute(query.sql, query.params, query.writes, query.is_slow), query.sql);
  }

  // The one row, or empty when there is none; more than one is a programming error.
  template <class Row, class... Args>
  std::optional<Row> find(std::string_view sql, const Args&... args) {
    return detail::find_row<Row>(*execute(sql, Params(args...), !only_reads(sql)), sql);
  }

  // The one row; Error{not_found} when there is none.
  template <class Row, class... Args>
  Row get(std::string_view sql, const Args&... args) {
    return detail::get_row<Row>(*execute(sql, Params(args...), !only_reads(sql)), sql);
  }

  template <class Row, class... Args>
  std::vector<Row> list(std::string_view sql, const Args&... args) {
    return detail::list_rows<Row>(*execute(sql, Params(args...), !only_reads(sql)));
  }

  // Answers how many rows it changed.
  template <class... Args>
  std::int64_t run(std::string_view sql, const Args&... args) {
    return execute(sql, Params(args...), !only_reads(sql))->affected();
  }

  // `writes`: must not be repeated in autocommit, where it is not undone. `is_slow`: planned anew, for these values.
  virtual std::unique_ptr<Rows> execute(std::string_view sql, const Params& params, bool writes,
                                        bool is_slow = false) = 0;
  // Several statements without parameters: migrations only.
  virtual void script(std::string_view sql) = 0;
};

}  // namespace stoa::pg
