#include <stoa/core/base64.hpp>
#include <stoa/core/binding.hpp>

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace stoa {
namespace {

std::string_view json_type(const Json& json) {
  switch (json.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::boolean:
      return "boolean";
    case Json::value_t::string:
      return "string";
    case Json::value_t::array:
      return "array";
    case Json::value_t::object:
      return "object";
    default:
      return "number";
  }
}

}  // namespace

void Issues::invalid_type(std::string_view expected, const Json& received) {
  const auto type = json_type(received);
  add("invalid_type", "Expected " + std::string(expected) + ", received " + std::string(type),
      {{"expected", expected}, {"received", type}});
}

void Issues::required(std::string_view expected) {
  add("invalid_type", "Required", {{"expected", expected}, {"received", "undefined"}});
}

void Issues::add(std::string_view code, std::string message, Json extra) {
  if (list_.size() >= kMost) return;
  extra["code"] = code;
  extra["path"] = path_;
  extra["message"] = std::move(message);
  list_.push_back(std::move(extra));
}

void Issues::raise() const {
  const auto& first = list_.front();
  std::string message = first["message"].get<std::string>();
  std::string path;
  for (const auto& step : first["path"]) {
    if (!path.empty()) path += '.';
    path += step.is_string() ? step.get<std::string>() : step.dump();
  }
  if (!path.empty()) message = path + ": " + message;
  throw Error(Code::invalid_fields, std::move(message), {{"validationErrors", list_}});
}

bool SchemaBook::claim(const std::string& name, std::type_index type) {
  const auto [place, is_new] = owners_.emplace(name, type);
  if (!is_new && place->second != type) {
    throw std::logic_error("two different types are called " + name + " in the API description");
  }
  return is_new;
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
