#include <stoa/core/base64.hpp>
#include <stoa/core/binding.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/label.hpp>
#include <stoa/core/text.hpp>

#include <charconv>
#include <cmath>

namespace stoa {

bool read_object(JsonView json, Issues& issues) {
  if (json.is_object()) return true;
  issues.invalid_type("object", json);
  return false;
}

std::optional<std::size_t> read_array(JsonView json, Issues& issues) {
  if (json.type() == JsonType::array) return json.size();
  issues.invalid_type("array", json);
  return std::nullopt;
}

// ---- Scalars -------------------------------------------------------------------------------------------

void Binding<Json>::read(JsonView json, Json& out, Issues&) {
  out = json.copy();
}

void Binding<bool>::read(JsonView json, bool& out, Issues& issues) {
  const bool is_text = issues.from_text && json.is_string();
  if (json.type() == JsonType::boolean) {
    out = json.boolean();
  } else if (is_text && json.string() == "true") {
    out = true;
  } else if (is_text && json.string() == "false") {
    out = false;
  } else {
    issues.invalid_type("boolean", json);
  }
}

namespace {

// All of the text is the number.
template <class T>
bool is_whole(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

// JSON Schema's integers, however they are written: 1.0, 1e2. From 2^53 on a double may stand for another number than was
// written.
bool is_integer(double number) noexcept {
  constexpr double kExact = 9007199254740992;
  return std::abs(number) < kExact && std::trunc(number) == number;
}

}  // namespace

bool read_integer(JsonView json, std::int64_t min, std::int64_t max, std::int64_t& out,
                  Issues& issues) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const JsonType type = json.type();
  std::int64_t value = 0;
  if (type == JsonType::natural) {
    if (json.natural() > kMost) {
      issues.add("too_big", "At most " + std::to_string(max), {{"maximum", max}});
      return false;
    }
    value = static_cast<std::int64_t>(json.natural());
  } else if (type == JsonType::negative) {
    value = json.negative();
  } else if (type == JsonType::real && is_integer(json.number())) {
    value = static_cast<std::int64_t>(json.number());
  } else if (type == JsonType::real) {
    issues.add("invalid_type", "Expected integer, received float",
               {{"expected", "integer"}, {"received", "float"}});
    return false;
  } else if (!issues.from_text || type != JsonType::string || !is_whole(json.string(), value)) {
    issues.invalid_type("integer", json);
    return false;
  }
  if (value < min) {
    issues.add("too_small", "At least " + std::to_string(min), {{"minimum", min}});
    return false;
  }
  if (value > max) {
    issues.add("too_big", "At most " + std::to_string(max), {{"maximum", max}});
    return false;
  }
  out = value;
  return true;
}

bool read_number(JsonView json, double& out, Issues& issues) {
  const JsonType type = json.type();
  if (type == JsonType::natural || type == JsonType::negative || type == JsonType::real) {
    out = json.number();
    return true;
  }
  const bool is_text = issues.from_text && type == JsonType::string;
  if (is_text && is_whole(json.string(), out) && std::isfinite(out)) return true;
  issues.invalid_type("number", json);
  return false;
}

std::optional<std::string_view> read_string(JsonView json, Issues& issues) {
  if (json.is_string()) return json.string();
  issues.invalid_type("string", json);
  return std::nullopt;
}

namespace {

bool judge_text(std::string_view kept, std::size_t min, std::size_t max, bool trimmed,
                std::string& out, Issues& issues) {
  // Text has at most as many characters as bytes.
  const bool is_counted = kept.size() > max || min > 1;
  const auto length = is_counted ? code_points(kept) : kept.size();
  if (length < min) {
    issues.add("too_small",
               min == 1 ? "Must not be empty" : "At least " + std::to_string(min) + " characters",
               {{"minimum", min}, {"type", "string"}});
    return false;
  }
  if (length > max) {
    issues.add("too_big", "At most " + std::to_string(max) + " characters",
               {{"maximum", max}, {"type", "string"}});
    return false;
  }
  if (trimmed && min > 0 && is_blank(kept)) {
    issues.add("too_small", "Must not be blank", {{"minimum", min}, {"type", "string"}});
    return false;
  }
  if (trimmed && has_control(kept)) {
    issues.add("invalid_string", "Must not contain control characters");
    return false;
  }
  out.assign(kept);
  return true;
}

}  // namespace

bool read_text(JsonView json, std::size_t min, std::size_t max, bool trimmed, std::string& out,
               Issues& issues) {
  const auto text = read_string(json, issues);
  return text && judge_text(trimmed ? trim(*text) : *text, min, max, trimmed, out, issues);
}

bool read_label(JsonView json, std::size_t min, std::size_t max, std::string& out, Issues& issues) {
  const auto text = read_string(json, issues);
  if (!text) return false;
  const std::string name = undirected(*text);
  return judge_text(trim(name), min, max, true, out, issues);
}

void Binding<Timestamp>::read(JsonView json, Timestamp& out, Issues& issues) {
  const auto text = read_string(json, issues);
  if (!text) return;
  if (const auto when = parse_timestamp(*text)) {
    out = *when;
  } else {
    issues.add("invalid_string", "Expected a time as in 2026-01-15T10:30:00.000Z",
               {{"validation", "datetime"}});
  }
}

void Binding<Timestamp>::write(std::string& out, Timestamp value) {
  out += '"';
  append_rfc3339(out, value);
  out += '"';
}

void Binding<Uuid>::read(JsonView json, Uuid& out, Issues& issues) {
  const auto text = read_string(json, issues);
  if (!text) return;
  if (const auto id = Uuid::parse(*text)) {
    out = *id;
  } else {
    issues.add("invalid_string", "Invalid uuid", {{"validation", "uuid"}});
  }
}

void Binding<Email>::read(JsonView json, Email& out, Issues& issues) {
  const auto text = read_string(json, issues);
  if (!text) return;
  if (auto email = Email::parse(*text)) {
    out = std::move(*email);
  } else {
    issues.add("invalid_string", "Invalid e-mail address", {{"validation", "email"}});
  }
}

void Binding<WebUrl>::read(JsonView json, WebUrl& out, Issues& issues) {
  const auto text = read_string(json, issues);
  if (!text) return;
  if (auto url = WebUrl::parse(*text)) {
    out = std::move(*url);
  } else {
    issues.add("invalid_string", "Expected an http or https address", {{"validation", "url"}});
  }
}

void Binding<Cursor>::read(JsonView json, Cursor& out, Issues& issues) {
  const auto text = read_string(json, issues);
  if (!text) return;
  auto key = text->size() <= 256 ? base64url_decode(*text) : std::nullopt;
  if (key && is_valid_utf8(*key) && !has_control(*key)) {
    out.key = std::move(*key);
  } else {
    issues.add("invalid_string", "Not a cursor of this list", {{"validation", "cursor"}});
  }
}

void Binding<Cursor>::write(std::string& out, const Cursor& value) {
  out += '"';
  out += base64url_encode(value.key);
  out += '"';
}

}  // namespace stoa
