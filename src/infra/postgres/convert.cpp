#include <stoa/core/json.hpp>
#include <stoa/postgres/convert.hpp>

#include <algorithm>
#include <cstdio>

namespace stoa::pg {

void bad_value(std::string_view type, std::string_view text) {
  // The text may be personal, and what is thrown here ends in a log: only its length is told.
  throw std::runtime_error("the database's column holds no " + std::string(type) + " (" +
                           std::to_string(text.size()) + " bytes)");
}

Json PgText<Json>::read(std::string_view text) {
  return Json::parse(text);
}

void PgText<Timestamp>::write(std::string& out, Timestamp value) {
  using namespace std::chrono;
  const auto day = floor<days>(value);
  const year_month_day date(day);
  const hh_mm_ss time(value - day);
  const int year = static_cast<int>(date.year());
  char text[64];
  // PostgreSQL has no year 0: it writes 1 BC.
  const int size = std::snprintf(
      text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d.%06d+00%s", year > 0 ? year : 1 - year,
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()),
      year > 0 ? "" : " BC");
  out.append(text, static_cast<std::size_t>(size));
}

void end_array_element(std::string& out, std::size_t quote) {
  const auto special = std::min(out.find('"', quote + 1), out.find('\\', quote + 1));
  if (special != std::string::npos) {  // most have nothing to escape
    const std::string rest = out.substr(special);
    out.resize(special);
    for (const char c : rest) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

std::vector<std::optional<std::string>> split_array(std::string_view text) {
  std::vector<std::optional<std::string>> elements;
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') bad_value("array", text);
  const std::size_t end = text.size() - 1;
  std::size_t at = 1;
  if (at == end) return elements;
  for (;;) {
    std::string element;
    const bool quoted = text[at] == '"';
    if (quoted) {
      for (++at; at < end && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
        if (at < end) element += text[at];
      }
      if (at >= end) bad_value("array", text);
      ++at;  // the closing quote
    } else {
      for (; at < end && text[at] != ','; ++at) {
        if (text[at] == '{' || text[at] == '"') bad_value("array of one dimension", text);
        element += text[at];
      }
      if (element.empty()) bad_value("array", text);
    }
    if (!quoted && element == "NULL") {
      elements.emplace_back();
    } else {
      elements.emplace_back(std::move(element));
    }
    if (at == end) return elements;
    if (text[at] != ',' || ++at == end) bad_value("array", text);
  }
}

}  // namespace stoa::pg
