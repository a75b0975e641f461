#pragma once
// What a statement answers, and how it becomes C++ values: rows become described structs by position, a scalar
// reads the one column. Pure.
#include <stoa/core/error.hpp>
#include <stoa/postgres/convert.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::pg {

// A finished statement's rows. Cheap to move; the views live as long as it does.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual std::size_t size() const = 0;
  virtual std::size_t columns() const = 0;
  virtual std::int64_t affected() const = 0;
  virtual std::optional<std::string_view> at(std::size_t row, std::size_t column) const = 0;
};

// How many rows a statement changed.
struct Count {
  std::int64_t value = 0;
};

namespace detail {

// Throws where a statement answered more than one row: a mistake in it.
void at_most_one(const Rows& rows, std::string_view sql);

template <class Row>
Row read_row(const Rows& rows, std::size_t index) {
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

template <class Row>
std::optional<Row> find_row(const Rows& rows, std::string_view sql) {
  at_most_one(rows, sql);
  if (rows.size() == 0) return std::nullopt;
  return read_row<Row>(rows, 0);
}

template <class Row>
Row get_row(const Rows& rows, std::string_view sql) {
  at_most_one(rows, sql);
  if (rows.size() == 0) throw Error(Code::not_found);
  return read_row<Row>(rows, 0);
}

template <class Row>
std::vector<Row> list_rows(const Rows& rows) {
  std::vector<Row> out;
  out.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) out.push_back(read_row<Row>(rows, i));
  return out;
}

// The type of a query's answer says how many rows are expected.
template <class Answer>
struct AnswerOf {
  static Answer from(const Rows& rows, std::string_view sql) { return get_row<Answer>(rows, sql); }
};
template <class Row>
struct AnswerOf<std::optional<Row>> {
  static std::optional<Row> from(const Rows& rows, std::string_view sql) {
    return find_row<Row>(rows, sql);
  }
};
template <class Row>
struct AnswerOf<std::vector<Row>> {
  static std::vector<Row> from(const Rows& rows, std::string_view) { return list_rows<Row>(rows); }
};
template <>
struct AnswerOf<Count> {
  static Count from(const Rows& rows, std::string_view) { return {rows.affected()}; }
};

}  // namespace detail
}  // namespace stoa::pg
