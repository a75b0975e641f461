#pragma once
// The typed edge. A plain struct described with BOOST_DESCRIBE_STRUCT is read from JSON, written as JSON
// and turned into a JSON Schema, all from that one declaration. Members are snake_case in C++ and
// camelCase on the wire; described enumerators are their own names, a trailing underscore dropped.
//
//   struct CreateRoom { Text<1, 100> name; RoomType room_type; std::optional<Text<0, 500>> description; };
//   BOOST_DESCRIBE_STRUCT(CreateRoom, (), (name, room_type, description))
//
//   CreateRoom in = read<CreateRoom>(json);   // throws Error{invalid_fields} naming every bad field
//   std::string text = write(in);
//
// A std::optional may be left out or null; a Patch knows the two apart; an Or has a default; every other
// member is required. Members that the struct does not have are ignored. Pure, safe on any thread.
#include <stoa/core/error.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/names.hpp>
#include <stoa/core/time.hpp>
#include <stoa/core/values.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

namespace stoa {

// ---- Reading -------------------------------------------------------------------------------------------

// Collects every bad field with its path; nothing is thrown until all have been seen.
class Issues {
 public:
  // `expected` and `received` are JSON type names; message is for people.
  void invalid_type(std::string_view expected, const Json& received);
  void required(std::string_view expected);
  // code: too_small, too_big, invalid_string, invalid_enum_value, ...; extra members join the entry.
  void add(std::string_view code, std::string message, Json extra = Json::object());

  bool empty() const noexcept { return list_.empty(); }
  std::size_t size() const noexcept { return list_.size(); }
  // Error{invalid_fields} with details.validationErrors.
  [[noreturn]] void raise() const;

  void enter(std::string_view member) { path_.emplace_back(std::string(member)); }
  void enter(std::size_t index) { path_.emplace_back(index); }
  void leave() { path_.erase(path_.size() - 1); }

  // Query and path parameters arrive as text: numbers and booleans are read from it.
  bool from_text = false;

 private:
  static constexpr std::size_t kMost =
      100;  // a hostile body does not get an answer larger than itself
  Json path_ = Json::array();
  Json list_ = Json::array();
};

// Specialised for each type of field: read(json, out, issues), write(out, value), schema(book), and
// kExpected, the JSON type's name. kOptional: may be left out.
template <class T, class = void>
struct Binding;

template <class T>
concept Described = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;
template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class T>
using MembersOf = boost::describe::describe_members<T, boost::describe::mod_public |
                                                           boost::describe::mod_inherited>;

template <class T>
T read(const Json& json) {
  T out{};
  Issues issues;
  Binding<T>::read(json, out, issues);
  if (!issues.empty()) issues.raise();
  return out;
}

template <class T>
void write_to(std::string& out, const T& value) {
  Binding<T>::write(out, value);
}
template <class T>
std::string write(const T& value) {
  std::string out;
  Binding<T>::write(out, value);
  return out;
}

// ---- Schemas -------------------------------------------------------------------------------------------

// The named schemas of one document (OpenAPI's components, AsyncAPI's). Described structs are put here
// once and referred to; two different structs of one name are an error at the start.
class SchemaBook {
 public:
  explicit SchemaBook(std::string ref_prefix = "#/components/schemas/")
      : ref_prefix_(std::move(ref_prefix)) {}

  template <class T>
  Json add() {
    return Binding<T>::schema(*this);
  }
  // True if the caller is the first to name it and must define() it.
  bool claim(const std::string& name, std::type_index type);
  void define(const std::string& name, Json schema) { schemas_[name] = std::move(schema); }
  Json reference(const std::string& name) const { return {{"$ref", ref_prefix_ + name}}; }
  const std::map<std::string, Json>& schemas() const noexcept { return schemas_; }

 private:
  std::string ref_prefix_;
  std::map<std::string, Json> schemas_;
  std::map<std::string, std::type_index> owners_;
};

// ---- Scalars -------------------------------------------------------------------------------------------

template <>
struct Binding<bool> {
  static constexpr std::string_view kExpected = "boolean";
  static void read(const Json& json, bool& out, Issues& issues);
  static void write(std::string& out, bool value) { out += value ? "true" : "false"; }
  static Json schema(SchemaBook&) { return {{"type", "boolean"}}; }
};

// Reads a whole number within [min, max]; wraps nothing and truncates nothing.
bool read_integer(const Json& json, std::int64_t min, std::int64_t max, std::int64_t& out,
                  Issues& issues);
bool read_number(const Json& json, double& out, Issues& issues);
// A string, or an issue. The pointer is into `json`.
const std::string* read_string(const Json& json, Issues& issues);
// The rule of Text and Verbatim.
bool read_text(const Json& json, std::size_t min, std::size_t max, bool trimmed, std::string& out,
               Issues& issues);

template <class T>
requires(std::integral<T> && !std::same_as<T, bool>) struct Binding<T> {
  static constexpr std::string_view kExpected = "integer";
  static constexpr std::int64_t kMin =
      std::is_signed_v<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0;
  static constexpr std::int64_t kMax =
      sizeof(T) == 8 ? std::numeric_limits<std::int64_t>::max()
                     : static_cast<std::int64_t>(std::numeric_limits<T>::max());
  static void read(const Json& json, T& out, Issues& issues) {
    std::int64_t value = 0;
    if (read_integer(json, kMin, kMax, value, issues)) out = static_cast<T>(value);
  }
  static void write(std::string& out, T value) {
    if constexpr (std::is_signed_v<T>) {
      append_json_number(out, static_cast<std::int64_t>(value));
    } else {
      append_json_number(out, static_cast<std::uint64_t>(value));
    }
  }
  static Json schema(SchemaBook&) {
    Json schema = {{"type", "integer"}};
    if (!std::is_signed_v<T>) schema["minimum"] = 0;
    return schema;
  }
};

template <>
struct Binding<double> {
  static constexpr std::string_view kExpected = "number";
  static void read(const Json& json, double& out, Issues& issues) {
    read_number(json, out, issues);
  }
  static void write(std::string& out, double value) { append_json_number(out, value); }
  static Json schema(SchemaBook&) { return {{"type", "number"}}; }
};

template <>
struct Binding<std::string> {
  static constexpr std::string_view kExpected = "string";
  static void read(const Json& json, std::string& out, Issues& issues) {
    if (const auto* text = read_string(json, issues)) out = *text;
  }
  static void write(std::string& out, std::string_view value) { append_json_string(out, value); }
  static Json schema(SchemaBook&) { return {{"type", "string"}}; }
};

// Opaque JSON, kept as it came.
template <>
struct Binding<Json> {
  static constexpr std::string_view kExpected = "any";
  static void read(const Json& json, Json& out, Issues&) { out = json; }
  static void write(std::string& out, const Json& value) { append_json(out, value); }
  static Json schema(SchemaBook&) { return Json::object(); }
};

template <>
struct Binding<Timestamp> {
  static constexpr std::string_view kExpected = "string";
  static void read(const Json& json, Timestamp& out, Issues& issues);
  static void write(std::string& out, Timestamp value);
  static Json schema(SchemaBook&) { return {{"type", "string"}, {"format", "date-time"}}; }
};

template <>
struct Binding<Uuid> {
  static constexpr std::string_view kExpected = "string";
  static void read(const Json& json, Uuid& out, Issues& issues);
  static void write(std::string& out, const Uuid& value) {
    out += '"';
    value.append_to(out);
    out += '"';
  }
  static Json schema(SchemaBook&) { return {{"type", "string"}, {"format", "uuid"}}; }
};

template <class Tag>
struct Binding<Id<Tag>> {
  static constexpr std::string_view kExpected = "string";
  static void read(const Json& json, Id<Tag>& out, Issues& issues) {
    Binding<Uuid>::read(json, out.uuid, issues);
  }
  static void write(std::string& out, const Id<Tag>& value) {
    Binding<Uuid>::write(out, value.uuid);
  }
  static Json schema(SchemaBook& book) { return Binding<Uuid>::schema(book); }
};

template <>
struct Binding<Email> {
  static constexpr std::string_view kExpected = "string";
  static void read(const Json& json, Email& out, Issues& issues);
  static void write(std::string& out, const Email& value) { append_json_string(out, value.value); }
  static Json schema(SchemaBook&) {
    return {{"type", "string"}, {"format", "email"}, {"maxLength", 254}};
  }
};

template <>
struct Binding<WebUrl> {
  static constexpr std::string_view kExpected = "string";
  static void read(const Json& json, WebUrl& out, Issues& issues);
  static void write(std::string& out, const WebUrl& value) { append_json_string(out, value.value); }
  static Json schema(SchemaBook&) {
    return {{"type", "string"}, {"format", "uri"}, {"maxLength", 2048}};
  }
};

template <>
struct Binding<Cursor> {
  static constexpr std::string_view kExpected = "string";
  static void read(const Json& json, Cursor& out, Issues& issues);
  static void write(std::string& out, const Cursor& value);
  static Json schema(SchemaBook&) { return {{"type", "string"}, {"maxLength", 256}}; }
};

template <class T>
requires requires {
  { T::kTrim } -> std::convertible_to<bool>;
}
struct Binding<T> {
  static constexpr std::string_view kExpected = "string";
  static void read(const Json& json, T& out, Issues& issues) {
    read_text(json, T::kMin, T::kMax, T::kTrim, out.value, issues);
  }
  static void write(std::string& out, const T& value) { append_json_string(out, value.value); }
  static Json schema(SchemaBook&) {
    Json schema = {{"type", "string"}, {"maxLength", T::kMax}};
    if (T::kMin > 0) schema["minLength"] = T::kMin;
    return schema;
  }
};

template <class T, T Min, T Max>
struct Binding<Bounded<T, Min, Max>> {
  static constexpr std::string_view kExpected = "integer";
  static void read(const Json& json, Bounded<T, Min, Max>& out, Issues& issues) {
    std::int64_t value = 0;
    if (read_integer(json, Min, Max, value, issues)) out.value = static_cast<T>(value);
  }
  static void write(std::string& out, Bounded<T, Min, Max> value) {
    append_json_number(out, static_cast<std::int64_t>(value.value));
  }
  static Json schema(SchemaBook&) {
    return {{"type", "integer"}, {"minimum", Min}, {"maximum", Max}};
  }
};

template <DescribedEnum E>
struct Binding<E> {
  static constexpr std::string_view kExpected = "string";
  static void read(const Json& json, E& out, Issues& issues) {
    const auto* text = read_string(json, issues);
    if (text == nullptr) return;
    if (const auto value = enum_from<E>(*text)) {
      out = *value;
      return;
    }
    Json options = Json::array();
    for_each_enum<E>([&](E, std::string_view name) { options.push_back(name); });
    std::string message = "Invalid value; expected one of " + options.dump();
    issues.add("invalid_enum_value", std::move(message), {{"options", std::move(options)}});
  }
  static void write(std::string& out, E value) { append_json_string(out, enum_name(value)); }
  static Json schema(SchemaBook&) {
    Json options = Json::array();
    for_each_enum<E>([&](E, std::string_view name) { options.push_back(name); });
    return {{"type", "string"}, {"enum", std::move(options)}};
  }
};

// ---- Wrappers and containers ----------------------------------------------------------------------------

inline Json nullable(Json schema) {
  return {{"anyOf", Json::array({std::move(schema), Json{{"type", "null"}}})}};
}

template <class T>
struct Binding<std::optional<T>> {
  static constexpr bool kOptional = true;
  static constexpr std::string_view kExpected = Binding<T>::kExpected;
  static void read(const Json& json, std::optional<T>& out, Issues& issues) {
    if (json.is_null()) {
      out.reset();
    } else {
      Binding<T>::read(json, out.emplace(), issues);
    }
  }
  static void write(std::string& out, const std::optional<T>& value) {
    if (value) {
      Binding<T>::write(out, *value);
    } else {
      out += "null";
    }
  }
  static Json schema(SchemaBook& book) { return nullable(Binding<T>::schema(book)); }
};

template <class T>
struct Binding<Patch<T>> {
  static constexpr bool kOptional = true;
  static constexpr std::string_view kExpected = Binding<T>::kExpected;
  static void read(const Json& json, Patch<T>& out, Issues& issues) {
    out.present = true;
    Binding<std::optional<T>>::read(json, out.value, issues);
  }
  static void write(std::string& out, const Patch<T>& value) {
    Binding<std::optional<T>>::write(out, value.value);
  }
  static Json schema(SchemaBook& book) { return nullable(Binding<T>::schema(book)); }
};

template <class T, auto Default>
struct Binding<Or<T, Default>> {
  static constexpr bool kOptional = true;
  static constexpr std::string_view kExpected = Binding<T>::kExpected;
  static void read(const Json& json, Or<T, Default>& out, Issues& issues) {
    Binding<T>::read(json, out.value, issues);
  }
  static void write(std::string& out, const Or<T, Default>& value) {
    Binding<T>::write(out, value.value);
  }
  static Json schema(SchemaBook& book) {
    Json schema = Binding<T>::schema(book);
    schema["default"] = Json::parse(stoa::write(Or<T, Default>{}));
    return schema;
  }
};

template <class T>
struct Binding<Omittable<T>> {
  static constexpr bool kOptional = true;
  static constexpr bool kOmitted = true;  // written only when there is a value
  static constexpr std::string_view kExpected = Binding<T>::kExpected;
  static void read(const Json& json, Omittable<T>& out, Issues& issues) {
    Binding<T>::read(json, out.value.emplace(), issues);
  }
  static void write(std::string& out, const Omittable<T>& value) {
    Binding<std::optional<T>>::write(out, value.value);
  }
  static Json schema(SchemaBook& book) { return Binding<T>::schema(book); }
};

// A list with at most Max items, where it is read from the network.
template <class T, std::size_t Max>
struct List {
  std::vector<T> items;
};

template <class T>
struct Binding<std::vector<T>> {
  static constexpr std::string_view kExpected = "array";
  static void read(const Json& json, std::vector<T>& out, Issues& issues) {
    if (!json.is_array()) return issues.invalid_type("array", json);
    out.clear();
    out.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
      issues.enter(i);
      Binding<T>::read(json[i], out.emplace_back(), issues);
      issues.leave();
    }
  }
  static void write(std::string& out, const std::vector<T>& values) {
    out += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += ',';
      Binding<T>::write(out, values[i]);
    }
    out += ']';
  }
  static Json schema(SchemaBook& book) {
    return {{"type", "array"}, {"items", Binding<T>::schema(book)}};
  }
};

template <class T, std::size_t Max>
struct Binding<List<T, Max>> {
  static constexpr std::string_view kExpected = "array";
  static void read(const Json& json, List<T, Max>& out, Issues& issues) {
    if (json.is_array() && json.size() > Max) {
      return issues.add("too_big", "At most " + std::to_string(Max) + " items", {{"maximum", Max}});
    }
    Binding<std::vector<T>>::read(json, out.items, issues);
  }
  static void write(std::string& out, const List<T, Max>& value) {
    Binding<std::vector<T>>::write(out, value.items);
  }
  static Json schema(SchemaBook& book) {
    return {{"type", "array"}, {"items", Binding<T>::schema(book)}, {"maxItems", Max}};
  }
};

// ---- Described structs ----------------------------------------------------------------------------------

template <class T>
inline constexpr bool kMayBeAbsent = requires {
  requires Binding<T>::kOptional;
};
template <class T>
inline constexpr bool kOmittedWhenEmpty = requires {
  requires Binding<T>::kOmitted;
};

template <Described T>
struct Binding<T> {
  static constexpr std::string_view kExpected = "object";

  static void read(const Json& json, T& out, Issues& issues) {
    if (!json.is_object()) return issues.invalid_type("object", json);
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
      using Member = std::remove_cvref_t<decltype(out.*member.pointer)>;
      constexpr auto name = wire_name<decltype(member)>();
      const auto found = json.find(name.view());
      issues.enter(name.view());
      if (found != json.end()) {
        Binding<Member>::read(*found, out.*member.pointer, issues);
      } else if constexpr (!kMayBeAbsent<Member>) {
        issues.required(Binding<Member>::kExpected);
      }
      issues.leave();
    });
  }

  static void write(std::string& out, const T& value) {
    out += '{';
    bool first = true;
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
      using Member = std::remove_cvref_t<decltype(value.*member.pointer)>;
      if constexpr (kOmittedWhenEmpty<Member>) {
        if (!(value.*member.pointer).value) return;
      }
      constexpr auto key = json_key<decltype(member)>();
      if (!first) out += ',';
      first = false;
      out += key.view();
      Binding<Member>::write(out, value.*member.pointer);
    });
    out += '}';
  }

  static Json schema(SchemaBook& book) {
    const std::string name = type_name<T>();
    if (book.claim(name, typeid(T))) {
      Json properties = Json::object();
      Json required = Json::array();
      boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
        using Member = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
        const std::string wire(wire_name<decltype(member)>().view());
        properties[wire] = Binding<Member>::schema(book);
        if constexpr (!kMayBeAbsent<Member>) required.push_back(wire);
      });
      Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
      if (!required.empty()) schema["required"] = std::move(required);
      book.define(name, std::move(schema));
    }
    return book.reference(name);
  }
};

// A struct without members: no payload, or an answer that says only that it was done.
struct Empty {};
BOOST_DESCRIBE_STRUCT(Empty, (), ())

BOOST_DESCRIBE_STRUCT(PageQuery, (), (limit, cursor))

// The answer of every list; the cursor is null on the last page.
template <class T>
struct Page {
  std::vector<T> items;
  std::optional<Cursor> next_cursor;
  BOOST_DESCRIBE_CLASS(Page, (), (items, next_cursor), (), ())
};

}  // namespace stoa
