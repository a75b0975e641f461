#include "features/whiteboard/drawing.hpp"

#include <stoa/core/json.hpp>

#include <algorithm>
#include <array>

namespace stoa {
namespace {

constexpr std::size_t kMaxIdLength = 64;
constexpr std::string_view kPrototype = "__proto__";
constexpr std::array<std::string_view, 13> kOfEveryObject = {
    kPrototype,         "constructor",      "prototype",        "hasOwnProperty",
    "isPrototypeOf",    "toLocaleString",   "toString",         "propertyIsEnumerable",
    "valueOf",          "__defineGetter__", "__defineSetter__", "__lookupGetter__",
    "__lookupSetter__",
};

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// The edge has bounded the depth.
bool has_prototype(const Json& json) {
  if (json.is_object()) {
    for (const auto& [name, value] : json.items()) {
      if (name == kPrototype || has_prototype(value)) return true;
    }
  } else if (json.is_array()) {
    return std::any_of(json.begin(), json.end(), has_prototype);
  }
  return false;
}

}  // namespace

void Binding<whiteboard::ObjectId>::read(JsonView json, whiteboard::ObjectId& out, Issues& issues) {
  const auto text = read_string(json, issues);
  if (!text) return;
  if (text->empty() || text->size() > kMaxIdLength ||
      !std::all_of(text->begin(), text->end(), is_id_character)) {
    return issues.add("invalid_string", "Expected 1 to 64 letters, digits, _ and -");
  }
  if (std::find(kOfEveryObject.begin(), kOfEveryObject.end(), *text) != kOfEveryObject.end()) {
    return issues.add("invalid_string", "This name is JavaScript's own; choose another");
  }
  out.value = *text;
}

void Binding<whiteboard::ObjectId>::schema(Json& out, SchemaBook&) {
  out = {{"type", "string"}, {"pattern", "^[A-Za-z0-9_-]{1,64}$"}};
}

void Binding<whiteboard::Drawing>::read(JsonView json, whiteboard::Drawing& out, Issues& issues) {
  if (!json.is_object()) return issues.invalid_type("object", json);
  const Json copy = json.tree() == nullptr ? json.copy() : Json();
  const Json& tree = json.tree() == nullptr ? copy : *json.tree();
  if (has_prototype(tree)) {
    return issues.add("invalid_string", "A member may not be named __proto__");
  }
  issues.enter("id");
  whiteboard::ObjectId id;
  if (const auto found = json.find("id")) {
    Binding<whiteboard::ObjectId>::read(*found, id, issues);
  } else {
    issues.required("string");
  }
  issues.leave();
  out.id = std::move(id.value);
  out.json = std::make_shared<const std::string>(dump_json(tree));
}

void Binding<whiteboard::Drawing>::schema(Json& out, SchemaBook& book) {
  out = {{"type", "object"},
         {"description", "An object as Fabric.js serialises it, with an id"},
         {"required", Json::array({"id"})},
         {"additionalProperties", true}};
  Binding<whiteboard::ObjectId>::schema(out["properties"]["id"], book);
}

}  // namespace stoa
