#include <stoa/http/file_name.hpp>
#include <stoa/http/source.hpp>

namespace stoa::http {
namespace {

// attr-char of RFC 8187 section 3.2.1.
bool is_plain(char c) noexcept {
  constexpr std::string_view kMarks = "!#$&+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kMarks.find(c) != std::string_view::npos;
}

}  // namespace

std::string content_disposition(Disposition disposition, std::string_view name) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string file = clean_file_name(name);
  if (file.empty()) file = "file";
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
