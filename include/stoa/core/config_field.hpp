#pragma once
// The keys of a described struct with their types erased, so that reading, overriding and printing a configuration
// is written once and not compiled anew for each section. A key's name is its member's; its value is one of the
// types below, an enumeration, a table of further keys, or a list of tables. Pure functions; a Field points into
// the struct that it was made of.
#include <stoa/core/config_types.hpp>
#include <stoa/core/names.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <boost/describe/class.hpp>

namespace stoa::config {

struct Field;

// "[name]" or "name = {...}".
struct Table {
  std::vector<Field> fields;
};

// "[[name]]".
struct TableList {
  std::function<void()> clear;
  std::function<Table()> append;
  std::function<std::vector<Table>()> all;
  std::function<Table()> sample;  // for its keys' names
  // How the environment writes all of them in one text; empty where it cannot.
  std::function<bool(std::string_view)> from_text;
  std::string expected;
  bool is_secret = false;
};

// A word of an enumeration, by its place among them.
struct Word {
  std::vector<std::string_view> words;
  std::function<std::size_t()> get;
  std::function<void(std::size_t)> set;
};

struct Field {
  std::string_view name;
  std::variant<bool*, std::size_t*, std::uint16_t*, double*, std::string*, Secret*, Duration*,
               ByteSize*, std::vector<std::string>*, std::map<std::string, std::string>*, Word,
               Table, TableList>
      value;
};

template <class T>
Table table_of(T& section);

namespace detail {

template <class T>
inline constexpr bool kIsTable =
    std::is_class_v<T> && boost::describe::has_describe_members<T>::value;
template <class T>
inline constexpr bool kIsTableList = false;
template <class T>
inline constexpr bool kIsTableList<std::vector<T>> = kIsTable<T>;

template <class T>
constexpr bool holds_secret() {
  bool found = false;
  boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
      [&](auto member) {
        found =
            found || std::is_same_v<std::remove_reference_t<decltype(T{}.*member.pointer)>, Secret>;
      });
  return found;
}

template <class T>
Word word_of(T& value) {
  static constexpr auto kNames = enum_names<T>();
  const auto place = [&value] {
    std::size_t at = 0;
    while (kNames[at] != enum_name(value)) ++at;
    return at;
  };
  return {{kNames.begin(), kNames.end()}, place, [&value](std::size_t at) {
            value = *enum_from<T>(kNames[at]);
          }};
}

// A list whose tables the environment can write has `bool from_text(std::string_view, std::vector<T>&)` and
// `std::string expected(const std::vector<T>&)` beside the type.
template <class T>
TableList list_of(std::vector<T>& list) {
  TableList out;
  out.clear = [&list] { list.clear(); };
  out.append = [&list] { return table_of(list.emplace_back()); };
  out.all = [&list] {
    std::vector<Table> tables;
    for (T& item : list) tables.push_back(table_of(item));
    return tables;
  };
  out.sample = [] {
    static T sample{};
    return table_of(sample);
  };
  if constexpr (requires(std::string_view text) { from_text(text, list); }) {
    out.from_text = [&list](std::string_view text) { return from_text(text, list); };
    out.expected = expected(list);
  }
  out.is_secret = holds_secret<T>();
  return out;
}

template <class T>
Field field_of(std::string_view name, T& value) {
  if constexpr (std::is_enum_v<T>) {
    return {name, word_of(value)};
  } else if constexpr (kIsTable<T>) {
    return {name, table_of(value)};
  } else if constexpr (kIsTableList<T>) {
    return {name, list_of(value)};
  } else {
    return {name, &value};
  }
}

}  // namespace detail

template <class T>
Table table_of(T& section) {
  Table table;
  boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
      [&](auto member) {
        table.fields.push_back(detail::field_of(member.name, section.*member.pointer));
      });
  return table;
}

}  // namespace stoa::config
