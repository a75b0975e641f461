#pragma once
// The head of one part of a form (RFC 7578 section 4), and the boundary that all of them share. Pure. What two readers
// could understand differently is refused, as the framing of requests is.
#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

inline constexpr std::string_view kLineEnd = "\r\n";  // of a form

struct PartHead {
  std::string name;
  // There only where the part is a file; as clean_file_name() makes it.
  std::optional<std::string> file_name;
  std::string type;  // "type/subtype" in lower case; application/octet-stream where none is said
};

// `block`: the lines of the head, each with its end. Throws Error{invalid_form}.
PartHead read_part_head(std::string_view block);

// The boundary that a Content-Type says. Throws Error{unsupported_media_type} where it is no form's, and
// Error{invalid_form} where there is none or none that RFC 2046 section 5.1.1 allows.
std::string form_boundary(std::optional<std::string_view> content_type);

}  // namespace stoa::http
