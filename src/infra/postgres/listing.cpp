#include <stoa/core/issues.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/text.hpp>
#include <stoa/postgres/listing.hpp>

#include <algorithm>
#include <cctype>

namespace stoa::pg {
namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

[[noreturn]] void refuse_signs() {
  Issues issues;
  issues.enter("q");
  issues.add("invalid_string", "A letter or digit is needed to search for",
             {{"validation", "word"}});
  issues.raise();
}

// Appends a piece whose values come after `before` others, and says how many it has.
std::size_t append_piece(std::string& sql, std::string_view piece, std::size_t before) {
  std::size_t most = 0;
  for (std::size_t i = 0; i < piece.size();) {
    sql += piece[i];
    if (piece[i++] != '$') continue;
    std::size_t number = 0;
    while (i < piece.size() && is_digit(piece[i])) {
      number = number * 10 + static_cast<std::size_t>(piece[i++] - '0');
    }
    if (number == 0) throw std::logic_error("a value without a number in: " + std::string(piece));
    most = std::max(most, number);
    sql += std::to_string(before + number);
  }
  return most;
}

// As a pattern of `like`: itself.
std::string escaped(std::string_view part) {
  std::string pattern;
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace

std::string like_pattern(std::string_view part) {
  constexpr std::size_t kTrigram = 3;
  const std::size_t longest = longest_word(part);
  if (longest == 0) refuse_signs();
  return (longest < kTrigram ? "" : "%") + escaped(part) + '%';
}

NamePart::NamePart(const std::optional<std::string>& part) {
  if (!part) return;
  std::string query;
  for (const std::string_view run : runs_without_spaces(*part)) {
    query.append("\"").append(run).append("\" ");
  }
  if (query.empty()) {
    like = like_pattern(*part);
  } else {
    runs.emplace(std::move(query), '%' + escaped(*part) + '%');
  }
}

Listing::Listing(std::string_view head, const std::vector<std::string_view>& filters,
                 std::string_view tail)
    : filters_(filters.size()) {
  if (filters_ > kMostFilters) throw std::logic_error("a list with too many filters");
  const std::size_t combinations = std::size_t{1} << filters_;
  for (std::size_t chosen = 0; chosen < combinations; ++chosen) {
    std::string sql;
    std::size_t values = head_ = append_piece(sql, head, 0);
    std::string chosen_filters;
    for (std::size_t i = 0; i < filters_; ++i) {
      if ((chosen >> i & 1U) != 0) values += append_piece(chosen_filters, filters[i], values);
    }
    sql += chosen_filters;
    const std::size_t again = tail.find(kFiltersAgain);
    tail_ = append_piece(sql, tail.substr(0, again), values);
    if (again != std::string_view::npos) {
      sql += chosen_filters;
      const std::string_view rest = tail.substr(again + std::string_view(kFiltersAgain).size());
      tail_ = std::max(tail_, append_piece(sql, rest, values));
    }
    statements_.push_back(std::move(sql));
    values_.push_back(values + tail_);
  }
}

void Listing::check(std::size_t args, const Collected& collected) const {
  if (args != head_ + filters_ + tail_ || collected.params.size() != values_[collected.filters]) {
    throw std::logic_error("a list was given other values than it names: " +
                           statements_[collected.filters]);
  }
}

}  // namespace stoa::pg
