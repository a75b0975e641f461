#include "http/media_type.hpp"

#include "http/chars.hpp"

#include <array>
#include <utility>

namespace stoa::http {
namespace {

using namespace std::string_view_literals;

constexpr std::array kFileTypes = {
    std::pair{".html"sv, "text/html; charset=utf-8"sv},
    std::pair{".css"sv, "text/css; charset=utf-8"sv},
    std::pair{".js"sv, "text/javascript; charset=utf-8"sv},
    std::pair{".mjs"sv, "text/javascript; charset=utf-8"sv},
    std::pair{".json"sv, "application/json; charset=utf-8"sv},
    std::pair{".map"sv, "application/json; charset=utf-8"sv},
    std::pair{".webmanifest"sv, "application/manifest+json; charset=utf-8"sv},
    std::pair{".svg"sv, "image/svg+xml; charset=utf-8"sv},
    std::pair{".txt"sv, "text/plain; charset=utf-8"sv},
    std::pair{".md"sv, "text/markdown; charset=utf-8"sv},
    std::pair{".png"sv, "image/png"sv},
    std::pair{".jpg"sv, "image/jpeg"sv},
    std::pair{".webp"sv, "image/webp"sv},
    std::pair{".ico"sv, "image/x-icon"sv},
    std::pair{".woff2"sv, "font/woff2"sv},
    std::pair{".mp3"sv, "audio/mpeg"sv},
    std::pair{".ogg"sv, "audio/ogg"sv},
};

std::string_view strip_quotes(std::string_view text) noexcept {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

// Calls f(parameter name, value) for what follows the first semicolon.
template <class F>
void for_each_parameter(std::string_view element, F&& f) {
  auto semicolon = element.find(';');
  while (semicolon != std::string_view::npos) {
    element.remove_prefix(semicolon + 1);
    semicolon = element.find(';');
    const auto parameter = trim_ows(element.substr(0, semicolon));
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    f(trim_ows(parameter.substr(0, equals)), trim_ows(parameter.substr(equals + 1)));
  }
}

// "0", "0.0", "0.000": the weight of what is not acceptable.
bool is_zero_weight(std::string_view weight) noexcept {
  return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
}

// Whether an element of a list of what is acceptable is so at all.
bool has_weight(std::string_view element) noexcept {
  bool allowed = true;
  for_each_parameter(element, [&](std::string_view name, std::string_view value) {
    if (equals_ignoring_case(name, "q")) allowed = !is_zero_weight(value);
  });
  return allowed;
}

}  // namespace

bool is_json(std::string_view content_type) noexcept {
  constexpr std::string_view kSuffix = "+json";  // RFC 6839 section 3.1
  const auto type = trim_ows(content_type.substr(0, content_type.find(';')));
  const auto slash = type.find('/');
  const bool has_suffix = slash != std::string_view::npos && is_token(type.substr(0, slash)) &&
                          is_token(type.substr(slash + 1)) &&
                          type.size() - slash - 1 > kSuffix.size() &&
                          equals_ignoring_case(type.substr(type.size() - kSuffix.size()), kSuffix);
  if (!has_suffix && !equals_ignoring_case(type, "application/json")) return false;
  bool utf8 = true;
  for_each_parameter(content_type, [&](std::string_view name, std::string_view value) {
    if (equals_ignoring_case(name, "charset") &&
        !equals_ignoring_case(strip_quotes(value), "utf-8")) {
      utf8 = false;
    }
  });
  return utf8;
}

std::optional<std::string_view> parameter_of(std::string_view content_type,
                                             std::string_view name) noexcept {
  std::string_view found;
  std::size_t count = 0;
  for_each_parameter(content_type, [&](std::string_view known, std::string_view value) {
    if (!equals_ignoring_case(known, name)) return;
    found = strip_quotes(value);
    ++count;
  });
  return count == 1 ? std::optional(found) : std::nullopt;
}

bool accepts_gzip(std::string_view accept_encoding) noexcept {
  bool any = false, named = false, accepted = false;
  for_each_element(accept_encoding, [&](std::string_view element) {
    const auto coding = trim_ows(element.substr(0, element.find(';')));
    const bool allowed = has_weight(element);
    if (equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "x-gzip")) {
      named = true;
      accepted = allowed;
    } else if (coding == "*") {
      any = allowed;
    }
  });
  return named ? accepted : any;
}

bool asks_for_page(std::string_view accept) noexcept {
  bool asked = false;
  for_each_element(accept, [&](std::string_view element) {
    const auto type = trim_ows(element.substr(0, element.find(';')));
    if (equals_ignoring_case(type, "text/html") && has_weight(element)) asked = true;
  });
  return asked;
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) noexcept {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  bool matches = false;
  for_each_element(if_none_match, [&](std::string_view candidate) {
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == "*" || (!etag.empty() && candidate == etag)) matches = true;
  });
  return matches;
}

bool matches_strongly(std::string_view if_match, std::string_view etag) noexcept {
  bool matches = false;
  for_each_element(if_match, [&](std::string_view candidate) {
    if (candidate == "*" || (etag.starts_with('"') && candidate == etag)) matches = true;
  });
  return matches;
}

bool is_compressible(std::string_view content_type) noexcept {
  return content_type.starts_with("text/") || content_type.starts_with("application/json") ||
         content_type.starts_with("application/manifest+json") ||
         content_type.starts_with("image/svg+xml");
}

std::string_view type_of_file(std::string_view path) noexcept {
  for (const auto& [ending, type] : kFileTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

}  // namespace stoa::http
