#include "core/config_value.hpp"

#include <stoa/core/config_check.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/values.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace stoa::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// From the largest, so that printing finds the shortest form first.
constexpr std::array kTimeUnits = {Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                                   Unit{"s", 1'000}, Unit{"ms", 1}};
constexpr std::array kSizeUnits = {Unit{"GiB", 1ull << 30}, Unit{"MiB", 1ull << 20},
                                   Unit{"KiB", 1ull << 10}, Unit{"B", 1}};
// Keeps sums of a few configured values far from any overflow.
constexpr std::uint64_t kMost = 1ull << 50;

template <class N>
bool number(std::string_view text, N& out) {
  N value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  out = value;
  return true;
}

template <std::size_t N>
bool with_unit(std::string_view text, const std::array<Unit, N>& units, std::uint64_t& out) {
  const auto split = std::min(text.find_first_not_of("0123456789"), text.size());
  std::uint64_t count = 0;
  if (!number(text.substr(0, split), count)) return false;
  for (const auto& unit : units) {
    if (unit.name != text.substr(split)) continue;
    if (count > kMost / unit.factor) return false;
    out = count * unit.factor;
    return true;
  }
  return false;
}

template <std::size_t N>
void print_with_unit(std::string& out, std::uint64_t value, const std::array<Unit, N>& units) {
  const auto unit = value == 0 ? units.end() - 1
                               : std::find_if(units.begin(), units.end(),
                                              [&](const Unit& u) { return value % u.factor == 0; });
  out += '"' + std::to_string(value / unit->factor) + std::string(unit->name) + '"';
}

}  // namespace

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  text = trim(text);
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto item = trim(text.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return items;
}

std::string expected(const bool&) {
  return "true or false";
}
std::string expected(const std::size_t&) {
  return "a whole number";
}
std::string expected(const std::uint16_t&) {
  return "a whole number up to 65535";
}
std::string expected(const double&) {
  return "a number";
}
std::string expected(const std::string&) {
  return "a string";
}
std::string expected(const Secret&) {
  return "a string";
}
std::string expected(const Duration&) {
  return "a time as in \"250ms\", \"30s\", \"15m\", \"2h\" or \"7d\"";
}
std::string expected(const ByteSize&) {
  return "a size as in \"512B\", \"64KiB\" or \"10MiB\"";
}
std::string expected(const std::vector<std::string>&) {
  return "a list of strings";
}
std::string expected(const std::map<std::string, std::string>&) {
  return "a table of strings";
}
std::string expected(const Word& word) {
  std::string names;
  for (const auto name : word.words) names += (names.empty() ? "" : ", ") + std::string(name);
  return "one of " + names;
}

bool from_text(std::string_view text, bool& out) {
  if (text != "true" && text != "false") return false;
  out = text == "true";
  return true;
}
bool from_text(std::string_view text, std::size_t& out) {
  std::size_t value = 0;
  if (!number(text, value) || value > kMost) return false;
  out = value;
  return true;
}
bool from_text(std::string_view text, std::uint16_t& out) {
  return number(text, out);
}
bool from_text(std::string_view text, double& out) {
  double value = 0;
  if (!number(text, value) || !std::isfinite(value)) return false;
  out = value;
  return true;
}
bool from_text(std::string_view text, std::string& out) {
  if (!is_valid_utf8(text) || has_control(text)) return false;
  out = text;
  return true;
}
bool from_text(std::string_view text, Secret& out) {
  return from_text(text, out.value);
}
bool from_text(std::string_view text, Duration& out) {
  std::uint64_t ms = 0;
  if (!with_unit(text, kTimeUnits, ms)) return false;
  out = Duration(static_cast<Duration::rep>(ms));
  return true;
}
bool from_text(std::string_view text, ByteSize& out) {
  std::uint64_t bytes = 0;
  if (!with_unit(text, kSizeUnits, bytes)) return false;
  out.bytes = bytes;
  return true;
}
bool from_text(std::string_view text, std::vector<std::string>& out) {
  if (!is_valid_utf8(text) || has_control(text)) return false;
  out = split_list(text);
  return true;
}
bool set_word(std::string_view text, const Word& out) {
  const auto found = std::find(out.words.begin(), out.words.end(), text);
  if (found == out.words.end()) return false;
  out.set(static_cast<std::size_t>(found - out.words.begin()));
  return true;
}

void print_value(std::string& out, bool value) {
  out += value ? "true" : "false";
}
void print_value(std::string& out, std::size_t value) {
  out += std::to_string(value);
}
void print_value(std::string& out, std::uint16_t value) {
  out += std::to_string(value);
}
void print_value(std::string& out, double value) {
  append_json_number(out, value);
}
void print_value(std::string& out, const std::string& value) {
  append_json_string(out, value);
}
void print_value(std::string& out, const Secret& value) {
  out += value.value.empty() ? "\"\"" : "\"********\"";
}
void print_value(std::string& out, Duration value) {
  print_with_unit(out, static_cast<std::uint64_t>(value.count()), kTimeUnits);
}
void print_value(std::string& out, ByteSize value) {
  print_with_unit(out, value.bytes, kSizeUnits);
}
void print_value(std::string& out, const std::vector<std::string>& value) {
  out += '[';
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out += ", ";
    print_value(out, value[i]);
  }
  out += ']';
}
void print_value(std::string& out, const std::map<std::string, std::string>& value) {
  out += '{';
  bool first = true;
  for (const auto& [name, text] : value) {
    out += first ? " " : ", ";
    first = false;
    append_json_string(out, name);
    out += " = ";
    append_json_string(out, text);
  }
  out += first ? "}" : " }";
}
// Levenshtein with swapped neighbours, so that "prot" is one edit from "port".
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  const auto begins = [&](const std::string& one) {
    return one.size() > word.size() && one.starts_with(word) &&
           (one[word.size()] == '.' || one[word.size()] == '_');
  };
  const auto edits = [&](const std::string& one) {
    return begins(one) ? 0 : 1 + edit_distance(word, one);
  };
  const auto best = std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
    return edits(a) < edits(b);
  });
  return best == known.end() ? std::string() : *best;
}

}  // namespace stoa::config
