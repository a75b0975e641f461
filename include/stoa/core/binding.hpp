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
// A std::optional may be left out or null; a Patch knows the two apart; an Or then has its default; every other
// member is required. Members that the struct does not have are ignored. Pure, safe on any thread.
//
// Nothing here looks into a Json value: what does is compiled once, in binding.cpp, json_view.cpp and schema.cpp.
#include <stoa/core/error.hpp>
#include <stoa/core/field_types.hpp>
#include <stoa/core/issues.hpp>
#include <stoa/core/json_view.hpp>
#include <stoa/core/mongo_ids.hpp>
#include <stoa/core/names.hpp>
#include <stoa/core/schema.hpp>
#include <stoa/core/values.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

namespace stoa {

// ---- Reading -------------------------------------------------------------------------------------------

template <class T>
concept Described = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

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

template <class Member>
inline constexpr bool kIsId = false;
template <class Tag>
inline constexpr bool kIsId<Id<Tag>> = true;

// The `id` of a record, which may be wanted as `_id` too.
template <class Descriptor, class Member>
constexpr bool is_record_id() {
  return kIsId<Member> && wire_name<Descriptor>().view() == "id";
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
      using Member = std::remove_cvref_t<decltype(value.*member.pointer)>;
      constexpr auto key = json_key<decltype(member)>();
      write_member(out, key.view(), first, value.*member.pointer);
      if constexpr (is_record_id<decltype(member), Member>()) {
        if (writes_mongo_ids()) write_member(out, ",\"_id\":", first, value.*member.pointer);
      }
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
