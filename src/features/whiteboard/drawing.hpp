#pragma once
// One object of a whiteboard as it comes from a client: JSON that Fabric.js made (toObject), of which the server
// reads the id alone. Its text is written once and shared by memory, database and everybody who hears of it.
// Pure values.
#include <stoa/core/binding.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace stoa::whiteboard {

// 1 to 64 letters, digits, _ and -, and no name that every JavaScript object has from its prototype chain:
// clients use ids as keys.
struct ObjectId {
  std::string value;
};

struct Drawing {
  std::string id;
  std::shared_ptr<const std::string> json;  // compact
};

}  // namespace stoa::whiteboard

namespace stoa {

template <>
struct Binding<whiteboard::ObjectId> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, whiteboard::ObjectId& out, Issues& issues);
  static void write(std::string& out, const whiteboard::ObjectId& value) {
    append_json_string(out, value.value);
  }
  static void schema(Json& out, SchemaBook& book);
};

// An object with an `id` of its own. A member `__proto__` is refused at any depth: a client that copies objects
// would take it for a prototype.
template <>
struct Binding<whiteboard::Drawing> {
  static constexpr std::string_view kExpected = "object";
  static void read(JsonView json, whiteboard::Drawing& out, Issues& issues);
  static void write(std::string& out, const whiteboard::Drawing& value) { out += *value.json; }
  static void schema(Json& out, SchemaBook& book);
};

}  // namespace stoa
