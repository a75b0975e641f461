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
//
// Nothing here looks into a Json value: what does is compiled once, in binding.cpp, json_view.cpp and schema.cpp.
#include <stoa/core/error.hpp>
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
#include <boost/mp11.hpp>

namespace stoa {

// ---- Reading -------------------------------------------------------------------------------------------

// Specialised for each type of field: read(json, out, issues), write(out, value), schema(out, book), and
// kExpected, the JSON type's name. kOptional: may be left out.
template <class T, class>
struct Binding;

template <class T>
concept Described = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;
template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class T>
using MembersOf = boost::describe::describe_members<T, boost::describe::mod_public |
                                                           boost::describe::mod_inherited>;

template <class T>
T read(JsonView json) {
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
    Binding<T>::read(json, out.value, issues);
  }
  static void write(std::string& out, const Or<T, Default>& value) {
    Binding<T>::write(out, value.value);
  }
  static void schema(Json& out, SchemaBook& book) {
    Binding<T>::schema(out, book);
    schema_default(out, stoa::write(Or<T, Default>{}));
  }
};

template <class T>
struct Binding<Omittable<T>> {
  static constexpr bool kOptional = true;
  static constexpr bool kOmitted = true;  // written only when there is a value
  static constexpr std::string_view kExpected = Binding<T>::kExpected;
  static void read(JsonView json, Omittable<T>& out, Issues& issues) {
    Binding<T>::read(json, out.value.emplace(), issues);
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

// ---- Described structs ----------------------------------------------------------------------------------

template <class T>
inline constexpr bool kMayBeAbsent = requires { requires Binding<T>::kOptional; };
template <class T>
inline constexpr bool kOmittedWhenEmpty = requires { requires Binding<T>::kOmitted; };

// One member, apart from its struct, so that all members of a type share one instantiation.
template <class Member>
void read_member(const JsonMembers& object, std::string_view name, Member& out, Issues& issues) {
  const std::optional<JsonView> found = object.find(name);
  issues.enter(name);
  if (found) {
    Binding<Member>::read(*found, out, issues);
  } else if constexpr (!kMayBeAbsent<Member>) {
    issues.required(Binding<Member>::kExpected);
  }
  issues.leave();
}

template <class Member>
void write_member(std::string& out, std::string_view key, bool& first, const Member& value) {
  if constexpr (kOmittedWhenEmpty<Member>) {
    if (!value.value) return;
  }
  out += first ? key.substr(1) : key;
  first = false;
  Binding<Member>::write(out, value);
}

template <Described T>
struct Binding<T> {
  static constexpr std::string_view kExpected = "object";

  static void read(JsonView json, T& out, Issues& issues) {
    if (!read_object(json, issues)) return;
    const JsonMembers members(json);
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
      constexpr auto name = wire_name<decltype(member)>();
      read_member(members, name.view(), out.*member.pointer, issues);
    });
  }

  static void write(std::string& out, const T& value) {
    out += '{';
    bool first = true;
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
      constexpr auto key = json_key<decltype(member)>();
      write_member(out, key.view(), first, value.*member.pointer);
    });
    out += '}';
  }

  static void schema(Json& out, SchemaBook& book) {
    Json* const own = book.claim(type_name<T>(), typeid(T), out);
    if (own == nullptr) return;
    schema_of_object(*own);
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
      using Member = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
      constexpr auto name = wire_name<decltype(member)>();
      Binding<Member>::schema(schema_property(*own, name.view(), !kMayBeAbsent<Member>), book);
    });
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
