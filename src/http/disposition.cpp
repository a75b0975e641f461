#include <stoa/core/values.hpp>
#include <stoa/http/source.hpp>

#include <algorithm>

namespace stoa::http {
namespace {

// attr-char of RFC 8187 section 3.2.1.
bool is_plain(char c) noexcept {
  constexpr std::string_view kMarks = "!#$&+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kMarks.find(c) != std::string_view::npos;
}

bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

std::string file_name(std::string_view name) {
  name.remove_prefix(std::min(name.find_last_of("/\\") + 1, name.size()));
  std::string out;
  for (const char c : name) {
    if (!is_control(c)) out += c;
  }
  if (out.empty() || out == "." || out == ".." || !is_valid_utf8(out)) return "file";
  return out;
}

}  // namespace

std::string content_disposition(Disposition disposition, std::string_view name) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const std::string file = file_name(name);
  std::string ascii, encoded;
  bool differs = false;
  for (const char c : file) {
    const auto byte = static_cast<unsigned char>(c);
    // One character of several bytes becomes one underscore. Some clients decode what looks like an escape.
    const bool inner = (byte & 0xC0) == 0x80;
    if (byte >= 0x80 || c == '"' || c == '%') {
      differs = true;
      if (!inner) ascii += '_';
    } else {
      ascii += c;
    }
    if (is_plain(c)) {
      encoded += c;
    } else {
      encoded.append({'%', kHex[byte >> 4], kHex[byte & 0xF]});
    }
  }
  std::string value = disposition == Disposition::attachment ? "attachment" : "inline";
  value.append("; filename=\"").append(ascii).append("\"");
  if (differs) value.append("; filename*=UTF-8''").append(encoded);
  return value;
}

}  // namespace stoa::http
