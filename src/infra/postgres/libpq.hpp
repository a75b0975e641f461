#pragma once
// libpq's objects as owners and as what the rest of this library speaks of.
#include <stoa/postgres/rows.hpp>

#include <charconv>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <libpq-fe.h>

namespace stoa::pg {

struct FinishConnection {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using PgConn = std::unique_ptr<PGconn, FinishConnection>;

struct ClearResult {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ClearResult>;

// A field of an error that the server sent; empty where it has none.
inline std::string error_field(const PGresult& result, int field) {
  const char* text = PQresultErrorField(&result, field);
  return text == nullptr ? std::string() : std::string(text);
}

class PgRows final : public Rows {
 public:
  explicit PgRows(PgResult result)
      : result_(std::move(result)), columns_(static_cast<std::size_t>(PQnfields(result_.get()))) {}

  std::size_t size() const override { return static_cast<std::size_t>(PQntuples(result_.get())); }
  std::size_t columns() const override { return columns_; }
  std::int64_t affected() const override {
    const std::string_view text = PQcmdTuples(result_.get());
    std::int64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
  }
  std::optional<std::string_view> at(std::size_t row, std::size_t column) const override {
    if (column >= columns_) {
      throw std::logic_error("a statement returns fewer columns than its row type has");
    }
    const int r = static_cast<int>(row), c = static_cast<int>(column);
    const auto size = static_cast<std::size_t>(PQgetlength(result_.get(), r, c));
    if (size == 0 && PQgetisnull(result_.get(), r, c) != 0) return std::nullopt;
    return std::string_view(PQgetvalue(result_.get(), r, c), size);
  }

 private:
  PgResult result_;
  std::size_t columns_;
};

}  // namespace stoa::pg
