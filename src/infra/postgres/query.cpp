#include <stoa/postgres/query.hpp>
#include <stoa/postgres/tx.hpp>

#include <algorithm>
#include <cctype>
#include <string>

namespace stoa::pg {

bool only_reads(std::string_view sql) noexcept {
  constexpr std::string_view kSelect = "select";
  const auto start = sql.find_first_not_of(" \n\t(");
  if (start == std::string_view::npos) return false;
  const auto word = sql.substr(start, kSelect.size());
  return std::equal(word.begin(), word.end(), kSelect.begin(), kSelect.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

void Params::too_many() {
  throw std::logic_error("a statement has at most " + std::to_string(kMost) + " values");
}

void Params::end_value(std::size_t start) {
  refuse_nul(std::string_view(text_).substr(start));
  add_value(start, Kind::text);
  text_ += '\0';
}

namespace detail {

void at_most_one(const Rows& rows, std::string_view sql) {
  if (rows.size() > 1) throw std::logic_error("more than one row for: " + std::string(sql));
}

}  // namespace detail
}  // namespace stoa::pg
