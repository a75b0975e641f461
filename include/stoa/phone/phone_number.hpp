#pragma once
// A telephone number in the form of E.164 (ITU-T): a plus, a country's code and the number there, of 7 to 15 digits in all. Blanks,
// hyphens, dots, slashes and brackets between them are left out when it is read; a number without its country is none, and whether
// one is assigned only a message to it shows. Pure, safe on any thread.
#include <stoa/core/binding.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace stoa::phone {

struct PhoneNumber {
  std::string value;  // "+4915112345678"
  static std::optional<PhoneNumber> parse(std::string_view text);

  friend bool operator==(const PhoneNumber&, const PhoneNumber&) = default;
};

// A plus and one to fifteen digits: what numbers begin with.
bool is_prefix(std::string_view text) noexcept;

}  // namespace stoa::phone

template <>
struct stoa::Binding<stoa::phone::PhoneNumber> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, phone::PhoneNumber& out, Issues& issues);
  static void write(std::string& out, const phone::PhoneNumber& value) {
    append_json_string(out, value.value);
  }
  static void schema(Json& out, SchemaBook& book);
};
