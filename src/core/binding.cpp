#include <stoa/core/base64.hpp>
#include <stoa/core/binding.hpp>
#include <stoa/core/json.hpp>

#include <charconv>
#include <cmath>

namespace stoa {

bool is_null(const Json& json) {
  return json.is_null();
}

bool read_object(const Json& json, Issues& issues) {
  if (json.is_object()) return true;
  issues.invalid_type("object", json);
  return false;
}

std::optional<std::size_t> read_array(const Json& json, Issues& issues) {
  if (json.is_array()) return json.size();
  issues.invalid_type("array", json);
  return std::nullopt;
}

const Json& item_of(const Json& array, std::size_t index) {
  return array[index];
}

const Json* find_member(const Json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// ---- Scalars -------------------------------------------------------------------------------------------

void Binding<Json>::read(const Json& json, Json& out, Issues&) {
  out = json;
}

void Binding<bool>::read(const Json& json, bool& out, Issues& issues) {
  if (json.is_boolean()) {
    out = json.get<bool>();
  } else if (issues.from_text && json == "true") {
    out = true;
  } else if (issues.from_text && json == "false") {
    out = false;
  } else {
    issues.invalid_type("boolean", json);
  }
}

bool read_integer(const Json& json, std::int64_t min, std::int64_t max, std::int64_t& out,
                  Issues& issues) {
  std::int64_t value = 0;
  if (json.is_number_unsigned()) {
    const auto wide = json.get<std::uint64_t>();
    value = wide > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                ? std::numeric_limits<std::int64_t>::max()
                : static_cast<std::int64_t>(wide);
    if (wide > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      issues.add("too_big", "At most " + std::to_string(max), {{"maximum", max}});
      return false;
    }
  } else if (json.is_number_integer()) {
    value = json.get<std::int64_t>();
  } else if (issues.from_text && json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
      issues.invalid_type("integer", json);
      return false;
    }
  } else if (json.is_number_float()) {
    issues.add("invalid_type", "Expected integer, received float",
               {{"expected", "integer"}, {"received", "float"}});
    return false;
  } else {
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

bool read_number(const Json& json, double& out, Issues& issues) {
  if (json.is_number()) {
    out = json.get<double>();
    return true;
  }
  if (issues.from_text && json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error == std::errc{} && end == text.data() + text.size() && std::isfinite(out)) return true;
  }
  issues.invalid_type("number", json);
  return false;
}

const std::string* read_string(const Json& json, Issues& issues) {
  if (json.is_string()) return &json.get_ref<const std::string&>();
  issues.invalid_type("string", json);
  return nullptr;
}

bool read_text(const Json& json, std::size_t min, std::size_t max, bool trimmed, std::string& out,
               Issues& issues) {
  const auto* text = read_string(json, issues);
  if (text == nullptr) return false;
  const auto kept = trimmed ? trim(*text) : std::string_view(*text);
  const auto length = code_points(kept);
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
  if (trimmed && has_control(kept)) {
    issues.add("invalid_string", "Must not contain control characters");
    return false;
  }
  out.assign(kept);
  return true;
}

void Binding<Timestamp>::read(const Json& json, Timestamp& out, Issues& issues) {
  const auto* text = read_string(json, issues);
  if (text == nullptr) return;
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

void Binding<Uuid>::read(const Json& json, Uuid& out, Issues& issues) {
  const auto* text = read_string(json, issues);
  if (text == nullptr) return;
  if (const auto id = Uuid::parse(*text)) {
    out = *id;
  } else {
    issues.add("invalid_string", "Invalid uuid", {{"validation", "uuid"}});
  }
}

void Binding<Email>::read(const Json& json, Email& out, Issues& issues) {
  const auto* text = read_string(json, issues);
  if (text == nullptr) return;
  if (auto email = Email::parse(*text)) {
    out = std::move(*email);
  } else {
    issues.add("invalid_string", "Invalid e-mail address", {{"validation", "email"}});
  }
}

void Binding<WebUrl>::read(const Json& json, WebUrl& out, Issues& issues) {
  const auto* text = read_string(json, issues);
  if (text == nullptr) return;
  if (auto url = WebUrl::parse(*text)) {
    out = std::move(*url);
  } else {
    issues.add("invalid_string", "Expected an http or https address", {{"validation", "url"}});
  }
}

void Binding<Cursor>::read(const Json& json, Cursor& out, Issues& issues) {
  const auto* text = read_string(json, issues);
  if (text == nullptr) return;
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
