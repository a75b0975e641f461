#pragma once
// How C++ values become PostgreSQL's text format and come back. Lists of UUIDs and of texts leave in its binary format.
// One specialisation a type:
//   static void write(std::string& out, const T&);   static T read(std::string_view);
// A std::optional is NULL when empty. Pure functions.
#include <stoa/core/binding.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::pg {

template <class T, class = void>
struct PgText;

[[noreturn]] void bad_value(std::string_view type, std::string_view text);
// Throws QueryFailure: PostgreSQL's texts hold no NUL byte.
void refuse_nul(std::string_view text);

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

// Arrays, for `= any($1)` and unnest($1::uuid[], ...). Lists of numbers leave as text, the others as the binary format
// further down has them.
std::vector<std::optional<std::string>> split_array(std::string_view text);

template <class T>
struct PgText<std::vector<T>> {
  static void write(std::string& out, const std::vector<T>& values)
    requires std::is_arithmetic_v<T>
  {
    out += '{';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += ',';
      PgText<T>::write(out, values[i]);
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
};

// Lists of UUIDs and of texts leave in PostgreSQL's binary format (array_send and array_recv in its source), in which
// nothing has to be quoted here and scanned there. The statement says `$1::uuid[]` or `$1::text[]`: PostgreSQL refuses
// these for lists of any other type, varchar and citext too. 0: they leave as text.
template <class T>
concept WrapsText = requires(const T& t) {
  { t.value } -> std::convertible_to<std::string_view>;
};
template <class T>
inline constexpr std::uint32_t kElementOid =
    std::is_convertible_v<const T&, std::string_view> || WrapsText<T> || DescribedEnum<T> ? 25 : 0;
template <>
inline constexpr std::uint32_t kElementOid<Uuid> = 2950;
template <class Tag>
inline constexpr std::uint32_t kElementOid<Id<Tag>> = 2950;
template <class T>
inline constexpr std::uint32_t kElementOid<std::optional<T>> = kElementOid<T>;

void begin_binary_array(std::string& out, std::size_t size, std::uint32_t element_oid);
void append_binary_null(std::string& out);
void append_binary_uuid(std::string& out, const Uuid& value);
// Answers where end_binary_text finds the element, once its text has been appended.
std::size_t begin_binary_text(std::string& out);
void end_binary_text(std::string& out, std::size_t begin);

template <class T>
void append_binary_element(std::string& out, const T& value) {
  if constexpr (requires { value.has_value(); }) {
    value ? append_binary_element(out, *value) : append_binary_null(out);
  } else if constexpr (std::is_same_v<T, Uuid>) {
    append_binary_uuid(out, value);
  } else if constexpr (kElementOid<T> == kElementOid<Uuid>) {
    append_binary_uuid(out, value.uuid);
  } else {
    const std::size_t begin = begin_binary_text(out);
    PgText<T>::write(out, value);
    end_binary_text(out, begin);
  }
}

template <class T>
void append_binary_array(std::string& out, const std::vector<T>& values) {
  begin_binary_array(out, values.size(), kElementOid<T>);
  for (const T& value : values) append_binary_element(out, value);
}

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
