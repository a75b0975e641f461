#pragma once
// Field types of people's profiles that carry their own rule (see core/values.hpp). Pure, safe on any thread.
#include <stoa/core/binding.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace stoa::users {

// How others address a person: 3 to 30 of a-z, A-Z, 0-9, dot, dash and underscore, a letter or digit at both
// ends. Unique whatever the case of its letters.
struct Username {
  std::string value;
  static std::optional<Username> parse(std::string_view text);
};

// The form of an IANA name, "Europe/Lisbon", "CET" or "UTC". Whether there is such a zone ICU and the database know.
struct TimeZone {
  std::string value;
  static std::optional<TimeZone> parse(std::string_view text);
};

// A BCP 47 language tag of at most 35 characters in canonical form: "en", "pt-BR", "zh-Hant-TW", "en-GB-oxendict".
struct Locale {
  std::string value;
  static std::optional<Locale> parse(std::string_view text);
};

}  // namespace stoa::users

template <>
struct stoa::Binding<stoa::users::Username> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, users::Username& out, Issues& issues);
  static void write(std::string& out, const users::Username& value) {
    append_json_string(out, value.value);
  }
  static void schema(Json& out, SchemaBook& book);
};

template <>
struct stoa::Binding<stoa::users::TimeZone> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, users::TimeZone& out, Issues& issues);
  static void write(std::string& out, const users::TimeZone& value) {
    append_json_string(out, value.value);
  }
  static void schema(Json& out, SchemaBook& book);
};

template <>
struct stoa::Binding<stoa::users::Locale> {
  static constexpr std::string_view kExpected = "string";
  static void read(JsonView json, users::Locale& out, Issues& issues);
  static void write(std::string& out, const users::Locale& value) {
    append_json_string(out, value.value);
  }
  static void schema(Json& out, SchemaBook& book);
};
