#pragma once
// How each type of field is read from JSON, written as JSON and told in a JSON Schema: the scalars, Stoa's own values,
// enumerations, and what wraps or holds others. binding.hpp puts structs together from them. Pure, safe on any thread.
//
// A type of field is a specialisation of Binding: read(json, out, issues), write(out, value), schema(out, book), and
// kExpected, the JSON type's name. kOptional: may be left out. kOmitted: written only when there is a value.
#include <stoa/core/ids.hpp>
#include <stoa/core/issues.hpp>
#include <stoa/core/json_view.hpp>
#include <stoa/core/names.hpp>
#include <stoa/core/schema.hpp>
#include <stoa/core/time.hpp>
#include <stoa/core/values.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/describe.hpp>

namespace stoa {

template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

// ---- Scalars -------------------------------------------------------------------------------------------

template <>
struct Binding<bool> {
  static constexpr std::string_view kExpected = "boolean";
  static void read(JsonView json, bool& out, Issues& issues);
  static void write(std::string& out, bool value) { out += value ? "true" : "false"; }
  static void schema(Json& out, SchemaBook&) { schema_of(out, "boolean"); }
};

// Reads a whole number within [min, max]; wraps nothing and truncates nothing.
bool read_integer(JsonView json, std::int64_t min, std::int64_t max, std::int64_t& out,
                  Issues& issues);
bool read_number(JsonView json, double& out, Issues& issues);
// A string, or an issue. The text is there as long as what `json` looks into.
std::optional<std::string_view> read_string(JsonView json, Issues& issues);
// The rule of Text and Verbatim.
bool read_text(JsonView json, std::size_t min, std::size_t max, bool trimmed, std::string& out,
               Issues& issues);

template <class T>
  requires(std::integral<T> && !std::same_as<T, bool>)
struct Binding<T> {
  static constexpr std::string_view kExpected = "integer";
  static constexpr std::int64_t kMin =
      std::is_signed_v<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0;
  static constexpr std::int64_t kMax =
      sizeof(T) == 8 ? std::numeric_limits<std::int64_t>::max()
                     : static_cast<std::int64_t>(std::numeric_limits<T>::max());
  static void read(JsonView json, T& out, Issues& issues) {
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
  static void schema(Json& out, SchemaBook&) {
    schema_of_integer(out, std::is_signed_v<T> ? std::nullopt : std::optional<std::int64_t>(0),
                      std::nullopt);
  }
};

template <>
struct Binding<double> {
  static constexpr std::string_view kExpected = "number";
  static void read(JsonView json, double& out, Issues& issues) { read_number(json, out, issues); }
  static void write(std::string& out, double value) { append_json_number(out, value); }
  static void schema(Json& out, SchemaBook&) { schema_of(out, "number"); }
};

template <>
struct Binding<std::string> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, std::string& out, Issues& issues) {
    if (const auto text = read_string(json, issues)) out = *text;
  }
  static void write(std::string& out, std::string_view value) { append_json_string(out, value); }
  static void schema(Json& out, SchemaBook&) { schema_of(out, "string"); }
};

// Opaque JSON, kept as it came.
template <>
struct Binding<Json> {
  static constexpr std::string_view kExpected = "any";
  static void read(JsonView json, Json& out, Issues& issues);
  static void write(std::string& out, const Json& value) { append_json(out, value); }
  static void schema(Json& out, SchemaBook&) { schema_of_anything(out); }
};

template <>
struct Binding<Timestamp> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, Timestamp& out, Issues& issues);
  static void write(std::string& out, Timestamp value);
  static void schema(Json& out, SchemaBook&) { schema_of(out, "string", "date-time"); }
};

template <>
struct Binding<Uuid> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, Uuid& out, Issues& issues);
  static void write(std::string& out, const Uuid& value) {
    out += '"';
    value.append_to(out);
    out += '"';
  }
  static void schema(Json& out, SchemaBook&) { schema_of(out, "string", "uuid"); }
};

template <class Tag>
struct Binding<Id<Tag>> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, Id<Tag>& out, Issues& issues) {
    Binding<Uuid>::read(json, out.uuid, issues);
  }
  static void write(std::string& out, const Id<Tag>& value) {
    Binding<Uuid>::write(out, value.uuid);
  }
  static void schema(Json& out, SchemaBook& book) { Binding<Uuid>::schema(out, book); }
};

template <>
struct Binding<Email> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, Email& out, Issues& issues);
  static void write(std::string& out, const Email& value) { append_json_string(out, value.value); }
  static void schema(Json& out, SchemaBook&) { schema_of_string(out, "email", 254); }
};

template <>
struct Binding<WebUrl> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, WebUrl& out, Issues& issues);
  static void write(std::string& out, const WebUrl& value) { append_json_string(out, value.value); }
  static void schema(Json& out, SchemaBook&) { schema_of_string(out, "uri", 2048); }
};

template <>
struct Binding<Cursor> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, Cursor& out, Issues& issues);
  static void write(std::string& out, const Cursor& value);
  static void schema(Json& out, SchemaBook&) { schema_of_string(out, {}, 256); }
};

template <class T>
  requires requires {
    { T::kTrim } -> std::convertible_to<bool>;
  }
struct Binding<T> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, T& out, Issues& issues) {
    read_text(json, T::kMin, T::kMax, T::kTrim, out.value, issues);
  }
  static void write(std::string& out, const T& value) { append_json_string(out, value.value); }
  static void schema(Json& out, SchemaBook&) { schema_of_text(out, T::kMin, T::kMax); }
};

template <class T, T Min, T Max>
struct Binding<Bounded<T, Min, Max>> {
  static constexpr std::string_view kExpected = "integer";
  static void read(JsonView json, Bounded<T, Min, Max>& out, Issues& issues) {
    std::int64_t value = 0;
    if (read_integer(json, Min, Max, value, issues)) out.value = static_cast<T>(value);
  }
  static void write(std::string& out, Bounded<T, Min, Max> value) {
    append_json_number(out, static_cast<std::int64_t>(value.value));
  }
  static void schema(Json& out, SchemaBook&) { schema_of_integer(out, Min, Max); }
};

template <DescribedEnum E>
struct Binding<E> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, E& out, Issues& issues) {
    const auto text = read_string(json, issues);
    if (!text) return;
    if (const auto value = enum_from<E>(*text)) {
      out = *value;
    } else {
      issues.not_one_of(enum_names<E>());
    }
  }
  static void write(std::string& out, E value) { append_json_string(out, enum_name(value)); }
  static void schema(Json& out, SchemaBook&) { schema_of_enum(out, enum_names<E>()); }
};

// ---- Wrappers and containers ----------------------------------------------------------------------------

bool read_object(JsonView json, Issues& issues);  // false, with an issue, when it is none
std::optional<std::size_t> read_array(JsonView json, Issues& issues);  // its size

template <class T>
struct Binding<std::optional<T>> {
  static constexpr bool kOptional = true;
  static constexpr std::string_view kExpected = Binding<T>::kExpected;
  static void read(JsonView json, std::optional<T>& out, Issues& issues) {
    if (json.type() == JsonType::null) {
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
  static void schema(Json& out, SchemaBook& book) {
    Binding<T>::schema(schema_nullable(out), book);
  }
};

template <class T>
struct Binding<Patch<T>> {
  static constexpr bool kOptional = true;
  static constexpr std::string_view kExpected = Binding<T>::kExpected;
  static void read(JsonView json, Patch<T>& out, Issues& issues) {
    out.present = true;
    Binding<std::optional<T>>::read(json, out.value, issues);
  }
  static void write(std::string& out, const Patch<T>& value) {
    Binding<std::optional<T>>::write(out, value.value);
  }
  static void schema(Json& out, SchemaBook& book) {
    Binding<T>::schema(schema_nullable(out), book);
  }
};

template <class T, auto Default>
struct Binding<Or<T, Default>> {
  static constexpr bool kOptional = true;
  static constexpr std::string_view kExpected = Binding<T>::kExpected;
  static void read(JsonView json, Or<T, Default>& out, Issues& issues) {
    if (json.type() == JsonType::null) {
      out = {};
    } else {
      Binding<T>::read(json, out.value, issues);
    }
  }
  static void write(std::string& out, const Or<T, Default>& value) {
    Binding<T>::write(out, value.value);
  }
  static void schema(Json& out, SchemaBook& book) {
    Binding<T>::schema(out, book);
    std::string text;
    write(text, {});
    schema_default(out, text);
  }
};

template <class T>
struct Binding<Omittable<T>> {
  static constexpr bool kOptional = true;
  static constexpr bool kOmitted = true;
  static constexpr std::string_view kExpected = Binding<T>::kExpected;
  static void read(JsonView json, Omittable<T>& out, Issues& issues) {
    Binding<std::optional<T>>::read(json, out.value, issues);
  }
  static void write(std::string& out, const Omittable<T>& value) {
    Binding<std::optional<T>>::write(out, value.value);
  }
  static void schema(Json& out, SchemaBook& book) { Binding<T>::schema(out, book); }
};

// A list with at most Max items, where it is read from the network.
template <class T, std::size_t Max>
struct List {
  std::vector<T> items;
};

template <class T>
struct Binding<std::vector<T>> {
  static constexpr std::string_view kExpected = "array";
  static void read(JsonView json, std::vector<T>& out, Issues& issues) {
    const auto size = read_array(json, issues);
    if (!size) return;
    out.clear();
    out.reserve(*size);
    json.for_each([&](JsonView item) {
      issues.enter(out.size());
      Binding<T>::read(item, out.emplace_back(), issues);
      issues.leave();
    });
  }
  static void write(std::string& out, const std::vector<T>& values) {
    out += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += ',';
      Binding<T>::write(out, values[i]);
    }
    out += ']';
  }
  static void schema(Json& out, SchemaBook& book) {
    Binding<T>::schema(schema_items(out, std::nullopt), book);
  }
};

template <class T, std::size_t Max>
struct Binding<List<T, Max>> {
  static constexpr std::string_view kExpected = "array";
  static void read(JsonView json, List<T, Max>& out, Issues& issues) {
    const auto size = read_array(json, issues);
    if (!size) return;
    if (*size > Max) return issues.too_many(Max);
    Binding<std::vector<T>>::read(json, out.items, issues);
  }
  static void write(std::string& out, const List<T, Max>& value) {
    Binding<std::vector<T>>::write(out, value.items);
  }
  static void schema(Json& out, SchemaBook& book) {
    Binding<T>::schema(schema_items(out, Max), book);
  }
};

}  // namespace stoa
