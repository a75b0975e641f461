#pragma once
// Names of described things: members as camelCase wire names, enumerators as wire words, types for the
// schema documents. All at compile time, so that writing a struct copies ready-made keys.
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

namespace stoa {

template <std::size_t N>
struct FixedName {
  std::array<char, N> chars{};
  std::size_t size = 0;
  constexpr void push(char c) { chars[size++] = c; }
  constexpr std::string_view view() const { return {chars.data(), size}; }
};

constexpr std::size_t name_length(const char* text) {
  return std::string_view(text).size();
}

// full_name -> fullName; a trailing underscore (for C++ keywords) is dropped.
template <class Descriptor>
constexpr auto wire_name() {
  FixedName<name_length(Descriptor::name) + 1> out;
  bool upper = false;
  for (const char* c = Descriptor::name; *c != '\0'; ++c) {
    if (*c == '_') {
      upper = true;
    } else {
      out.push(upper && *c >= 'a' && *c <= 'z' ? static_cast<char>(*c - 'a' + 'A') : *c);
      upper = false;
    }
  }
  return out;
}

// ,"fullName": as it stands in a JSON object behind another.
template <class Descriptor>
constexpr auto json_key() {
  constexpr auto name = wire_name<Descriptor>();
  FixedName<name.size + 4> out;
  out.push(',');
  out.push('"');
  for (std::size_t i = 0; i < name.size; ++i) out.push(name.chars[i]);
  out.push('"');
  out.push(':');
  return out;
}

constexpr std::string_view enumerator_word(std::string_view name) {
  if (!name.empty() && name.back() == '_') name.remove_suffix(1);
  return name;
}

template <class E, class F>
constexpr void for_each_enum(F&& f) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
      [&](auto d) { f(d.value, enumerator_word(d.name)); });
}

template <class E>
constexpr auto enum_names() {
  std::array<std::string_view,
             boost::mp11::mp_size<boost::describe::describe_enumerators<E>>::value>
      names;
  std::size_t next = 0;
  for_each_enum<E>([&](E, std::string_view name) { names[next++] = name; });
  return names;
}

template <class E>
constexpr std::string_view enum_name(E value) {
  std::string_view found = "?";
  for_each_enum<E>([&](E candidate, std::string_view name) {
    if (candidate == value) found = name;
  });
  return found;
}

template <class E>
constexpr std::optional<E> enum_from(std::string_view word) {
  std::optional<E> found;
  for_each_enum<E>([&](E candidate, std::string_view name) {
    if (name == word) found = candidate;
  });
  return found;
}

// "stoa::rooms::Page<stoa::rooms::RoomCard>" -> "PageRoomCard".
std::string schema_name(std::string_view qualified);

template <class T>
std::string type_name() {
  constexpr std::string_view pretty = __PRETTY_FUNCTION__;
  constexpr std::string_view mark = "T = ";
  constexpr auto start = pretty.find(mark) + mark.size();
  constexpr auto end = pretty.find_first_of(";]", start);
  return schema_name(pretty.substr(start, end - start));
}

}  // namespace stoa
