#include <stoa/core/time.hpp>

#include <array>
#include <cstdio>

namespace stoa {
namespace {

struct Parts {
  int year, hour, minute, second, micros;
  unsigned month, day, weekday;
};

Parts split(Timestamp when) {
  using namespace std::chrono;
  const auto day_point = floor<days>(when);
  const year_month_day date{day_point};
  const hh_mm_ss clock{when - day_point};
  return {static_cast<int>(date.year()),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          weekday{day_point}.c_encoding()};
}

void put_two(char*& at, unsigned value) {
  *at++ = static_cast<char>('0' + value / 10 % 10);
  *at++ = static_cast<char>('0' + value % 10);
}

// Reads exactly `count` digits.
bool digits(std::string_view& text, std::size_t count, int& out) noexcept {
  if (text.size() < count) return false;
  out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) noexcept {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// ".123456" at most 9 digits; those past microseconds are cut off.
bool fraction(std::string_view& text, int& micros) noexcept {
  micros = 0;
  if (!take(text, '.')) return true;
  int scale = 100000;
  std::size_t count = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9' && count < 9) {
    micros += (text.front() - '0') * scale;
    scale /= 10;
    ++count;
    text.remove_prefix(1);
  }
  return count > 0;
}

// "Z", "+00" (PostgreSQL), "+05:30".
bool offset(std::string_view text, int& minutes) noexcept {
  minutes = 0;
  if (text == "Z" || text == "z") return true;
  const bool negative = take(text, '-');
  if (!negative && !take(text, '+')) return false;
  int hours = 0;
  int rest = 0;
  if (!digits(text, 2, hours) || hours > 23) return false;
  if (!text.empty()) {
    if (!take(text, ':') || !digits(text, 2, rest) || rest > 59 || !text.empty()) return false;
  }
  minutes = (hours * 60 + rest) * (negative ? -1 : 1);
  return true;
}

}  // namespace

Timestamp now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void append_rfc3339(std::string& out, Timestamp when) {
  const Parts p = split(when);
  std::array<char, 24> text;
  char* at = text.data();
  put_two(at, static_cast<unsigned>(p.year) / 100);
  put_two(at, static_cast<unsigned>(p.year) % 100);
  *at++ = '-';
  put_two(at, p.month);
  *at++ = '-';
  put_two(at, p.day);
  *at++ = 'T';
  put_two(at, static_cast<unsigned>(p.hour));
  *at++ = ':';
  put_two(at, static_cast<unsigned>(p.minute));
  *at++ = ':';
  put_two(at, static_cast<unsigned>(p.second));
  *at++ = '.';
  const unsigned millis = static_cast<unsigned>(p.micros) / 1000;
  *at++ = static_cast<char>('0' + millis / 100);
  put_two(at, millis % 100);
  *at++ = 'Z';
  out.append(text.data(), text.size());
}

std::string to_rfc3339(Timestamp when) {
  std::string out;
  append_rfc3339(out, when);
  return out;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept {
  using namespace std::chrono;
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, micros = 0, shift = 0;
  if (!digits(text, 4, y) || !take(text, '-') || !digits(text, 2, mo) || !take(text, '-') ||
      !digits(text, 2, d)) {
    return std::nullopt;
  }
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  if (!digits(text, 2, h) || !take(text, ':') || !digits(text, 2, mi) || !take(text, ':') ||
      !digits(text, 2, s) || !fraction(text, micros) || !offset(text, shift)) {
    return std::nullopt;
  }
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok() || h > 23 || mi > 59 || s > 59) return std::nullopt;
  const Timestamp when = Timestamp{sys_days{date}} + hours{h} + minutes{mi - shift} + seconds{s} +
                         microseconds{micros};
  // The years that are written with four digits, here and in PostgreSQL, which has no year 0.
  constexpr Timestamp kFirst = sys_days{year{1} / 1 / 1};
  constexpr Timestamp kEnd = sys_days{year{10000} / 1 / 1};
  return when >= kFirst && when < kEnd ? std::optional(when) : std::nullopt;
}

std::string to_http_date(Timestamp when) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Parts p = split(when);
  std::array<char, 64> text;
  const int size = std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                                 kDays[p.weekday], p.day, kMonths[p.month - 1], p.year, p.hour,
                                 p.minute, p.second);
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace stoa
