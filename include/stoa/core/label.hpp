#pragma once
// A name of somebody or something, which is shown in the midst of other text.
#include <stoa/core/binding.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace stoa {

// A Text that directs none beside it: what a pasted name brings along for that is left out (undirected()), before it is trimmed,
// counted and judged.
template <std::size_t Min, std::size_t Max>
struct Label {
  static constexpr std::size_t kMin = Min, kMax = Max;
  std::string value;
  operator const std::string&() const noexcept { return value; }
  const std::string& str() const noexcept { return value; }
  friend bool operator==(const Label&, const Label&) = default;
};

bool read_label(JsonView json, std::size_t min, std::size_t max, std::string& out, Issues& issues);

template <std::size_t Min, std::size_t Max>
struct Binding<Label<Min, Max>> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, Label<Min, Max>& out, Issues& issues) {
    read_label(json, Min, Max, out.value, issues);
  }
  static void write(std::string& out, const Label<Min, Max>& value) {
    append_json_string(out, value.value);
  }
  static void schema(Json& out, SchemaBook&) { schema_of_text(out, Min, Max); }
};

}  // namespace stoa
