#pragma once
// Content-Type, Accept and Accept-Encoding (RFC 9110 sections 8.3, 12.5.1 and 12.5.3), entity tags (8.8.3). Pure.
#include <optional>
#include <string_view>

namespace stoa::http {

// application/json, with charset=utf-8 or no charset.
bool is_json(std::string_view content_type) noexcept;

// A parameter's value, without its quotes; `name` in lower case. Empty where it is missing or stands twice.
std::optional<std::string_view> parameter_of(std::string_view content_type,
                                             std::string_view name) noexcept;

// Whether gzip is acceptable: named, or covered by "*", with a weight above 0.
bool accepts_gzip(std::string_view accept_encoding) noexcept;

// Whether an Accept list names text/html itself, as browsers do for a page, with a weight above 0.
bool asks_for_page(std::string_view accept) noexcept;

// Whether an If-None-Match list names the tag (weak comparison) or is "*".
bool matches_etag(std::string_view if_none_match, std::string_view etag) noexcept;
// The same of If-Match (strong comparison).
bool matches_strongly(std::string_view if_match, std::string_view etag) noexcept;

// Worth compressing: text, JSON, scripts, SVG.
bool is_compressible(std::string_view content_type) noexcept;

// By the file name's ending; application/octet-stream where it is unknown.
std::string_view type_of_file(std::string_view path) noexcept;

}  // namespace stoa::http
