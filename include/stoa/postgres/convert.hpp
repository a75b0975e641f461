#pragma once
// How C++ values become PostgreSQL's text format and come back. One specialisation a type:
//   static void write(std::string& out, const T&);   static T read(std::string_view);
// A std::optional is NULL when empty. Pure functions.
#include <stoa/core/binding.hpp>

#include <charconv>
#include <concepts>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::pg {

template <class T, class = void>
struct PgText;

[[noreturn]] void bad_value(std::string_view type, std::string_view text);

template <>
struct PgText<std::string> {
  static void write(std::string& out, std::string_view value) { out.append(value); }
  static std::string read(std::string_view text) { return std::string(text); }
};
template <>
struct PgText<std::string_view> {
  static void write(std::string& out, std::string_view value) { out.append(value); }
};
template <>
struct PgText<const char*> : PgText<std::string_view> {};
template <std::size_t N>
struct PgText<char[N]> : PgText<std::string_view> {};

template <>
struct PgText<bool> {
  static void write(std::string& out, bool value) { out += value ? 't' : 'f'; }
  static bool read(std::string_view text) { return text == "t"; }
};

template <class T>
  requires((std::integral<T> && !std::same_as<T, bool>) || std::floating_point<T>)
struct PgText<T> {
  static void write(std::string& out, T value) {
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    out.append(text, static_cast<std::size_t>(end - text));
  }
  static T read(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) bad_value("number", text);
    return value;
  }
};

template <>
struct PgText<Uuid> {
  static void write(std::string& out, const Uuid& value) { value.append_to(out); }
  static Uuid read(std::string_view text) {
    const auto id = Uuid::parse(text);
    if (!id) bad_value("uuid", text);
    return *id;
  }
};
template <class Tag>
struct PgText<Id<Tag>> {
  static void write(std::string& out, const Id<Tag>& value) { value.uuid.append_to(out); }
  static Id<Tag> read(std::string_view text) { return {PgText<Uuid>::read(text)}; }
};

template <>
struct PgText<Timestamp> {
  static void write(std::string& out, Timestamp value);  // microseconds are kept
  static Timestamp read(std::string_view text) {
    const auto when = parse_timestamp(text);
    if (!when) bad_value("timestamptz", text);
    return *when;
  }
};

template <DescribedEnum E>
struct PgText<E> {
  static void write(std::string& out, E value) { out += enum_name(value); }
  static E read(std::string_view text) {
    const auto value = enum_from<E>(text);
    if (!value) bad_value("enumeration", text);
    return *value;
  }
};

// jsonb
template <>
struct PgText<Json> {
  static void write(std::string& out, const Json& value) { append_json(out, value); }
  static Json read(std::string_view text);
};

// Field types that wrap one value: Text, Verbatim, Email, WebUrl, Bounded, Or.
template <class T>
  requires requires(const T& t) { t.value; } && (!Described<T>) &&
           (!requires(const T& t) { t.value.has_value(); })
struct PgText<T> {
  using Inner = std::remove_cvref_t<decltype(std::declval<T&>().value)>;
  static void write(std::string& out, const T& wrapped) {
    PgText<Inner>::write(out, wrapped.value);
  }
  static T read(std::string_view text) { return T{PgText<Inner>::read(text)}; }
};

// Types whose text never holds what an array's element has to quote, nor is NULL.
template <class T>
inline constexpr bool kIsPlainText = std::integral<T> || std::floating_point<T>;
template <>
inline constexpr bool kIsPlainText<Uuid> = true;
template <class Tag>
inline constexpr bool kIsPlainText<Id<Tag>> = true;

// Arrays, for `= any($1)` and unnest($1::uuid[], ...).
// Ends an element that was written to `out` behind its opening quote, which stands at `quote`.
void end_array_element(std::string& out, std::size_t quote);
std::vector<std::optional<std::string>> split_array(std::string_view text);

template <class T>
struct PgText<std::vector<T>> {
  static void write(std::string& out, const std::vector<T>& values) {
    out.reserve(out.size() + 2 + values.size() * kElement);
    out += '{';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += ',';
      if constexpr (requires { values[i].has_value(); }) {
        if (values[i]) {
          write_element<typename T::value_type>(out, *values[i]);
        } else {
          out += "NULL";
        }
      } else {
        write_element<T>(out, values[i]);
      }
    }
    out += '}';
  }
  static std::vector<T> read(std::string_view text) {
    std::vector<T> values;
    for (const auto& element : split_array(text)) {
      if constexpr (requires(T& t) { t.has_value(); }) {
        auto& value = values.emplace_back();
        if (element) value = PgText<typename T::value_type>::read(*element);
      } else {
        if (!element) bad_value("array without NULL", text);
        values.push_back(PgText<T>::read(*element));
      }
    }
    return values;
  }

 private:
  static constexpr std::size_t kElement = 40;  // bytes: a UUID and what stands around it

  template <class Element>
  static void write_element(std::string& out, const Element& value) {
    if constexpr (kIsPlainText<Element>) {
      PgText<Element>::write(out, value);
    } else {
      const std::size_t quote = out.size();
      out += '"';
      PgText<Element>::write(out, value);
      end_array_element(out, quote);
    }
  }
};

template <class T>
void from_column(std::optional<std::string_view> text, T& out) {
  if constexpr (requires { out.has_value(); }) {
    if (text) {
      from_column(text, out.emplace());
    } else {
      out.reset();
    }
  } else {
    if (!text) bad_value("a value", "NULL");
    out = PgText<T>::read(*text);
  }
}

}  // namespace stoa::pg
