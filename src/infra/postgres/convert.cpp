#include <stoa/core/json.hpp>
#include <stoa/postgres/convert.hpp>
#include <stoa/postgres/tx.hpp>

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

void refuse_nul(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    throw QueryFailure("a parameter holds a NUL byte", "22021");
  }
}

// ---- Arrays --------------------------------------------------------------------------------------------

namespace {

void put_int32(char* to, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<char>(value >> (24 - 8 * i));
}

void append_int32(std::string& out, std::uint32_t value) {
  char bytes[4];
  put_int32(bytes, value);
  out.append(bytes, sizeof bytes);
}

}  // namespace

void begin_binary_array(std::string& out, std::size_t size, std::uint32_t element_oid) {
  append_int32(out, size == 0 ? 0 : 1);  // dimensions
  append_int32(out, 0);                  // flags; PostgreSQL looks for NULLs itself
  append_int32(out, element_oid);
  if (size == 0) return;
  append_int32(out, static_cast<std::uint32_t>(size));
  append_int32(out, 1);  // the first index
}

void append_binary_null(std::string& out) {
  append_int32(out, 0xffffffff);
}

void append_binary_uuid(std::string& out, const Uuid& value) {
  append_int32(out, static_cast<std::uint32_t>(value.bytes.size()));
  out.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}

std::size_t begin_binary_text(std::string& out) {
  append_int32(out, 0);
  return out.size();
}

void end_binary_text(std::string& out, std::size_t begin) {
  const auto text = std::string_view(out).substr(begin);
  refuse_nul(text);
  put_int32(out.data() + begin - 4, static_cast<std::uint32_t>(text.size()));
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
