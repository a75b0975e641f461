#pragma once
// The JSON of a T that is finished already: written once (or by the database) and only copied from
// there on, into acknowledgements, broadcasts and lists. To the schema documents it is a T.
#include <stoa/core/binding.hpp>
#include <stoa/postgres/convert.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace stoa {

template <class T>
struct FinishedJson {
  std::string json;
};

template <class T>
std::string write(FinishedJson<T>&& value) {
  return std::move(value.json);
}

template <class T>
struct Binding<FinishedJson<T>> {
  static constexpr std::string_view kExpected = Binding<T>::kExpected;
  static void write(std::string& out, const FinishedJson<T>& value) { out += value.json; }
  static void schema(Json& out, SchemaBook& book) { Binding<T>::schema(out, book); }
};

// A json or jsonb column.
template <class T>
struct pg::PgText<FinishedJson<T>> {
  static void write(std::string& out, const FinishedJson<T>& value) { out += value.json; }
  static FinishedJson<T> read(std::string_view text) { return {std::string(text)}; }
};

}  // namespace stoa
