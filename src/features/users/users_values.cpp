#include <stoa/core/json.hpp>
#include <stoa/core/text.hpp>
#include <stoa/users/values.hpp>

#include <algorithm>
#include <utility>

namespace stoa::users {
namespace {

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
  return is_alpha(c) || is_digit(c);
}

template <class Rule>
bool all(std::string_view text, std::size_t min, std::size_t max, Rule rule) {
  return text.size() >= min && text.size() <= max && std::all_of(text.begin(), text.end(), rule);
}

// Characters, as the database has it.
constexpr std::size_t kMostOfZone = 64;
constexpr std::size_t kMostOfLocale = 35;

// Cuts the next part off `rest`, up to the separator.
std::string_view take_part(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const auto part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

}  // namespace

std::optional<Username> Username::parse(std::string_view text) {
  text = trim(text);
  const auto allowed = [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_'; };
  if (!all(text, 3, 30, allowed) || !is_alnum(text.front()) || !is_alnum(text.back())) {
    return std::nullopt;
  }
  return Username{std::string(text)};
}

std::optional<TimeZone> TimeZone::parse(std::string_view text) {
  const auto allowed = [](char c) { return is_alnum(c) || c == '_' || c == '-' || c == '+'; };
  if (text.size() > kMostOfZone) return std::nullopt;
  std::size_t parts = 0;
  for (auto rest = text; !rest.empty(); ++parts) {
    const auto part = take_part(rest, '/');
    if (!all(part, 1, 30, allowed) || !is_alpha(part.front())) return std::nullopt;
  }
  if (parts < 1 || parts > 3 || text.back() == '/') return std::nullopt;
  return TimeZone{std::string(text)};
}

std::optional<Locale> Locale::parse(std::string_view text) {
  auto tag = canonical_language_tag(text);
  if (!tag || tag->size() > kMostOfLocale) return std::nullopt;
  return Locale{std::move(*tag)};
}

}  // namespace stoa::users

namespace stoa {
namespace {

template <class T>
void read_pattern(JsonView json, T& out, Issues& issues, std::string_view rule,
                  const char* message) {
  const auto text = read_string(json, issues);
  if (!text) return;
  if (auto value = T::parse(*text)) {
    out = std::move(*value);
  } else {
    issues.add("invalid_string", message, {{"validation", rule}});
  }
}

}  // namespace

void Binding<users::Username>::read(JsonView json, users::Username& out, Issues& issues) {
  read_pattern(
      json, out, issues, "username",
      "3 to 30 letters, digits, dots, dashes or underscores; a letter or digit at both ends");
}
void Binding<users::Username>::schema(Json& out, SchemaBook&) {
  out = {{"type", "string"}, {"pattern", "^[A-Za-z0-9][A-Za-z0-9._-]{1,28}[A-Za-z0-9]$"}};
}

void Binding<users::TimeZone>::read(JsonView json, users::TimeZone& out, Issues& issues) {
  read_pattern(json, out, issues, "timezone", "Expected an IANA time zone as in \"Europe/Lisbon\"");
}
void Binding<users::TimeZone>::schema(Json& out, SchemaBook&) {
  out = {{"type", "string"}, {"maxLength", users::kMostOfZone}};
}

void Binding<users::Locale>::read(JsonView json, users::Locale& out, Issues& issues) {
  read_pattern(json, out, issues, "locale", "Expected a language tag as in \"en\" or \"pt-BR\"");
}
void Binding<users::Locale>::schema(Json& out, SchemaBook&) {
  out = {{"type", "string"}, {"maxLength", users::kMostOfLocale}};
}

}  // namespace stoa
