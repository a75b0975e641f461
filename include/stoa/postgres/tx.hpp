#pragma once
// One transaction, as store functions see it. It lives on a database thread for the length of the
// lambda that Database::transaction runs, and is never kept. Statements are parameterised ($1, $2),
// prepared once a connection, and their rows become described structs by position:
//
//   struct RoomRow { RoomId id; std::string name; };
//   BOOST_DESCRIBE_STRUCT(RoomRow, (), (id, name))
//   auto room = tx.find<RoomRow>("select id, name from study_rooms where id = $1", id);
//
// A scalar Row reads the one column. Throws UniqueViolation and the like for constraints, which a
// store turns into an Error; every other failure of the database leaves the lambda and fails the
// transaction. PostgreSQL ends a transaction at the first failed statement: one that was caught
// must still be left by an exception (`on conflict` is the way to go on).
#include <stoa/core/error.hpp>
#include <stoa/postgres/convert.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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

// A finished statement's rows. Cheap to move; the views live as long as it does.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual std::size_t size() const = 0;
  virtual std::size_t columns() const = 0;
  virtual std::int64_t affected() const = 0;
  virtual std::optional<std::string_view> at(std::size_t row, std::size_t column) const = 0;
};

class Tx {
 public:
  virtual ~Tx() = default;

  // The one row, or empty when there is none; more than one is a programming error.
  template <class Row, class... Args>
  std::optional<Row> find(std::string_view sql, const Args&... args) {
    const auto rows = query(sql, args...);
    if (rows->size() > 1) throw std::logic_error("more than one row for: " + std::string(sql));
    if (rows->size() == 0) return std::nullopt;
    return row<Row>(*rows, 0);
  }

  // The one row; Error{not_found} when there is none.
  template <class Row, class... Args>
  Row get(std::string_view sql, const Args&... args) {
    auto found = find<Row>(sql, args...);
    if (!found) throw Error(Code::not_found);
    return std::move(*found);
  }

  template <class Row, class... Args>
  std::vector<Row> list(std::string_view sql, const Args&... args) {
    const auto rows = query(sql, args...);
    std::vector<Row> out;
    out.reserve(rows->size());
    for (std::size_t i = 0; i < rows->size(); ++i) out.push_back(row<Row>(*rows, i));
    return out;
  }

  // Answers how many rows it changed.
  template <class... Args>
  std::int64_t run(std::string_view sql, const Args&... args) {
    return query(sql, args...)->affected();
  }

  // Several statements without parameters: migrations only.
  virtual void script(std::string_view sql) = 0;

 protected:
  virtual std::unique_ptr<Rows> execute(std::string_view sql,
                                        std::span<const std::optional<std::string>> params) = 0;

 private:
  template <class... Args>
  std::unique_ptr<Rows> query(std::string_view sql, const Args&... args) {
    const std::array<std::optional<std::string>, sizeof...(Args)> params{to_param(args)...};
    return execute(sql, params);
  }

  template <class Row>
  static Row row(const Rows& rows, std::size_t index) {
    Row out{};
    if constexpr (Described<Row>) {
      std::size_t column = 0;
      boost::mp11::mp_for_each<MembersOf<Row>>(
          [&](auto member) { from_column(rows.at(index, column++), out.*member.pointer); });
      if (column != rows.columns()) throw std::logic_error("columns do not match the row type");
    } else {
      from_column(rows.at(index, 0), out);
    }
    return out;
  }
};

}  // namespace stoa::pg
