#include <stoa/core/json.hpp>
#include <stoa/core/schema.hpp>

#include <stdexcept>
#include <utility>

namespace stoa {

SchemaBook::SchemaBook(std::string ref_prefix)
    : ref_prefix_(std::move(ref_prefix)),
      schemas_(std::make_unique<std::map<std::string, Json>>()) {}
SchemaBook::~SchemaBook() = default;

const std::map<std::string, Json>& SchemaBook::schemas() const noexcept {
  return *schemas_;
}

Json* SchemaBook::claim(const std::string& name, std::type_index type, Json& out) {
  out = {{"$ref", ref_prefix_ + name}};
  const auto [place, is_new] = owners_.emplace(name, type);
  if (!is_new && place->second != type) {
    throw std::logic_error("two different types are called " + name + " in the API description");
  }
  return is_new ? &(*schemas_)[name] : nullptr;
}

void schema_of(Json& out, std::string_view type, std::string_view format) {
  out = {{"type", type}};
  if (!format.empty()) out["format"] = format;
}

void schema_of_string(Json& out, std::string_view format, std::size_t max_length) {
  schema_of(out, "string", format);
  out["maxLength"] = max_length;
}

void schema_of_text(Json& out, std::size_t min, std::size_t max) {
  schema_of_string(out, {}, max);
  if (min > 0) out["minLength"] = min;
}

void schema_of_integer(Json& out, std::optional<std::int64_t> min,
                       std::optional<std::int64_t> max) {
  schema_of(out, "integer");
  if (min) out["minimum"] = *min;
  if (max) out["maximum"] = *max;
}

void schema_of_enum(Json& out, std::span<const std::string_view> names) {
  schema_of(out, "string");
  out["enum"] = names;
}

void schema_of_anything(Json& out) {
  out = Json::object();
}

void schema_of_object(Json& out) {
  schema_of(out, "object");
  out["properties"] = Json::object();
}

Json& schema_items(Json& out, std::optional<std::size_t> most) {
  schema_of(out, "array");
  if (most) out["maxItems"] = *most;
  return out["items"];
}

Json& schema_nullable(Json& out) {
  out = {{"anyOf", Json::array({Json{}, Json{{"type", "null"}}})}};
  return out["anyOf"][0];
}

Json& schema_property(Json& out, std::string_view name, bool required) {
  if (required) out["required"].push_back(name);
  return out["properties"][name];
}

void schema_default(Json& out, std::string_view json) {
  out["default"] = Json::parse(json);
}

}  // namespace stoa
