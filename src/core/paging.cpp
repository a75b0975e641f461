#include <stoa/core/json.hpp>
#include <stoa/core/paging.hpp>

#include <charconv>
#include <limits>

namespace stoa {
namespace {

constexpr char kBetween = '/';
// Years that PostgreSQL and our own text form both know.
constexpr std::int64_t kYear3000 = 32503680000000000;

[[noreturn]] void refuse() {
  Issues issues;
  issues.enter("cursor");
  issues.add("invalid_string", "Not a cursor of this list", {{"validation", "cursor"}});
  issues.raise();
}

void append_text(std::string& to, std::string_view text) {
  if (!to.empty()) to += kBetween;
  to += text;
}

std::string_view take_text(std::string_view& from) {
  const auto end = from.find(kBetween);
  const auto text = from.substr(0, end);
  from = end == std::string_view::npos ? std::string_view() : from.substr(end + 1);
  return text;
}

std::int64_t take_number(std::string_view& from, std::int64_t min, std::int64_t max) {
  const auto text = take_text(from);
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number < min || number > max) refuse();
  return number;
}

}  // namespace

void detail::append_key(std::string& to, Timestamp key) {
  append_key(to, std::int64_t{key.time_since_epoch().count()});
}

void detail::append_key(std::string& to, std::int64_t key) {
  append_text(to, std::to_string(key));
}

void detail::append_key(std::string& to, const Uuid& key) {
  append_text(to, key.str());
}

void detail::take_key(std::string_view& from, Timestamp& key) {
  key = Timestamp(std::chrono::microseconds(take_number(from, 0, kYear3000)));
}

void detail::take_key(std::string_view& from, std::int64_t& key) {
  using Limits = std::numeric_limits<std::int64_t>;
  key = take_number(from, Limits::min(), Limits::max());
}

void detail::take_key(std::string_view& from, Uuid& key) {
  const auto id = Uuid::parse(take_text(from));
  if (!id) refuse();
  key = *id;
}

void detail::take_end(std::string_view from) {
  if (!from.empty()) refuse();
}

}  // namespace stoa
