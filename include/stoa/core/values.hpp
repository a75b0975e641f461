#pragma once
// Field types that carry their own rule, so that a request is valid once it is parsed ("parse, don't
// validate"). Their JSON reading, writing and schema stand in binding.hpp. Lengths count code points.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace stoa {

// What a person typed into a field: trimmed at both ends, then Min..Max code points, no controls but
// tab and newline. Where it must not be empty something of it can be seen.
template <std::size_t Min, std::size_t Max>
struct Text {
  static constexpr std::size_t kMin = Min, kMax = Max;
  static constexpr bool kTrim = true;
  std::string value;
  operator const std::string&() const noexcept { return value; }
  const std::string& str() const noexcept { return value; }
  friend bool operator==(const Text&, const Text&) = default;
};

// Kept byte for byte: passwords, SDP, message bodies. Min..Max code points, never NUL.
template <std::size_t Min, std::size_t Max>
struct Verbatim {
  static constexpr std::size_t kMin = Min, kMax = Max;
  static constexpr bool kTrim = false;
  std::string value;
  operator const std::string&() const noexcept { return value; }
  const std::string& str() const noexcept { return value; }
  friend bool operator==(const Verbatim&, const Verbatim&) = default;
};

// An address mail can be sent to: RFC 5321 lengths, a dot-atom local part, a domain name with a dot. An international
// domain is kept in A-labels (RFC 5890), so that both its spellings are one address.
struct Email {
  std::string value;
  operator const std::string&() const noexcept { return value; }
  const std::string& str() const noexcept { return value; }
  static std::optional<Email> parse(std::string_view text);
};

// An absolute http or https address, at most 2,048 characters as it is kept: what RFC 3986 has no place for behind the host
// becomes escapes, an international host A-labels.
struct WebUrl {
  std::string value;
  operator const std::string&() const noexcept { return value; }
  const std::string& str() const noexcept { return value; }
  static std::optional<WebUrl> parse(std::string_view text);
};

// An integer within Min..Max; 1.0 is one in JSON, 1.5 and "1" are none; "1" is read in a query, 1.0 is not.
template <class T, T Min, T Max>
struct Bounded {
  static constexpr T kMin = Min, kMax = Max;
  T value{Min};
  operator T() const noexcept { return value; }
};

// A field that may be left out, or null, and then has this value. For numbers and enumerations.
template <class T, auto Default>
struct Or {
  T value{Default};
  operator const T&() const noexcept { return value; }
  const T& operator*() const noexcept { return value; }
};

// A field of a partial update: left out (keep), null (clear), or a new value.
template <class T>
struct Patch {
  bool present = false;
  std::optional<T> value;
  bool clears() const noexcept { return present && !value; }
};

// An answer's field that is left out when empty, where std::optional would be written as null.
template <class T>
struct Omittable {
  std::optional<T> value;
  Omittable() = default;
  Omittable(T v) : value(std::move(v)) {}
  Omittable(std::optional<T> v) : value(std::move(v)) {}
};

// Where a list goes on: the last row's sort key, opaque to clients (base64url), at most 256 characters.
struct Cursor {
  std::string key;
};

struct PageQuery {
  Or<Bounded<int, 1, 100>, 20> limit;
  std::optional<Cursor> cursor;
};

// Text helpers shared by the rules above.
bool is_valid_utf8(std::string_view text) noexcept;  // RFC 3629: no surrogates, no overlong forms
std::size_t code_points(std::string_view utf8) noexcept;
std::string_view trim(
    std::string_view text) noexcept;               // white space of any script, byte order marks
bool has_control(std::string_view text) noexcept;  // C0 other than tab, LF, CR; DEL

}  // namespace stoa
