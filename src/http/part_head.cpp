#include "http/part_head.hpp"

#include "http/chars.hpp"
#include "http/media_type.hpp"
#include "http/percent.hpp"
#include "http/problem.hpp"

#include <stoa/core/values.hpp>
#include <stoa/http/file_name.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace stoa::http {
namespace {

constexpr std::size_t kMostFields = 16;
constexpr std::string_view kUnknownType = "application/octet-stream";

[[noreturn]] void refuse_head() {
  throw invalid_form("headers", "The head of a part is not well-formed");
}
[[noreturn]] void refuse_name() {
  throw invalid_form("name", "A part has no name, or several");
}

// bchars of RFC 2046 section 5.1.1.
bool is_boundary_character(char c) noexcept {
  constexpr std::string_view kMarks = "'()+_,-./:=? ";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kMarks.find(c) != std::string_view::npos;
}

bool is_boundary(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 70 && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), is_boundary_character);
}

struct Parameter {
  std::string_view name;
  std::string value;
};

// Whether a quote there is the one at the end of its parameter.
bool ends_parameter(std::string_view behind) noexcept {
  behind = trim_ows(behind);
  return behind.empty() || behind.front() == ';';
}

// `rest` begins with the quote and ends up behind the other one.
//
// Browsers write what is in a name as it is, a backslash too, but for a quote and line ends, which become %22, %0D and %0A
// (HTML, "multipart/form-data encoding algorithm"); older curl and others write \" for a quote. So a backslash before a
// quote belongs to it, unless that quote is where the parameter ends.
std::string take_quoted(std::string_view& rest) {
  std::string value;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    const auto behind = rest.substr(i + 1);
    if (rest[i] == '\\' && behind.starts_with('"') && !ends_parameter(behind.substr(1))) {
      value += '"';
      ++i;
    } else if (rest[i] != '"') {
      value += rest[i];
    } else if (ends_parameter(behind)) {
      rest = trim_ows(behind);
      return value;
    } else {
      break;
    }
  }
  refuse_head();
}

// `rest` begins with the parameter's name and ends up at the semicolon behind its value, or empty.
Parameter take_parameter(std::string_view& rest) {
  const auto equals = std::min(rest.find('='), rest.size());
  Parameter parameter{trim_ows(rest.substr(0, equals)), {}};
  if (!is_token(parameter.name) || equals == rest.size()) refuse_head();
  rest = trim_ows(rest.substr(equals + 1));
  if (rest.starts_with('"')) {
    parameter.value = take_quoted(rest);
  } else {
    const auto value = rest.substr(0, rest.find(';'));
    parameter.value = trim_ows(value);
    rest.remove_prefix(value.size());
  }
  return parameter;
}

std::string unescape(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, char>, 3> kEscapes = {
      {{"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}}};
  std::string out;
  while (!text.empty()) {
    const auto* const escape =
        std::find_if(kEscapes.begin(), kEscapes.end(),
                     [&](const auto& known) { return text.starts_with(known.first); });
    const bool found = escape != kEscapes.end();
    out += found ? escape->second : text.front();
    text.remove_prefix(found ? escape->first.size() : 1);
  }
  return out;
}

std::string utf8_of_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | byte >> 6);
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

// UTF-8'en'%e2%82%ac: RFC 8187 section 3.2. Empty where it is not that, or of another charset.
std::optional<std::string> decode_extended(std::string_view value) {
  const auto language = value.find('\'');
  const auto text = language == std::string_view::npos ? language : value.find('\'', language + 1);
  if (text == std::string_view::npos) return std::nullopt;
  const auto charset = value.substr(0, language);
  auto decoded = percent_decode(value.substr(text + 1));
  if (decoded && equals_ignoring_case(charset, "iso-8859-1")) return utf8_of_latin1(*decoded);
  const bool is_utf8 = decoded && equals_ignoring_case(charset, "utf-8");
  if (is_utf8 && is_valid_utf8(*decoded)) return decoded;
  return std::nullopt;
}

void set_once(std::optional<std::string>& place, std::string value) {
  if (place) refuse_name();
  place = std::move(value);
}

// RFC 7578 section 4.2 forbids `filename*`, but .NET's HttpClient sends it beside a `filename` that nobody can read, and
// older urllib3 sends nothing else. So it counts where it can be read.
void read_disposition(std::string_view value, PartHead& head) {
  const auto type = value.substr(0, value.find(';'));
  if (!equals_ignoring_case(trim_ows(type), "form-data")) refuse_head();
  value.remove_prefix(type.size());
  std::optional<std::string> name, file_name, extended;
  while (!value.empty()) {
    value.remove_prefix(1);  // the semicolon
    value = trim_ows(value);
    if (value.empty()) break;
    auto parameter = take_parameter(value);
    if (equals_ignoring_case(parameter.name, "name")) {
      set_once(name, unescape(parameter.value));
    } else if (equals_ignoring_case(parameter.name, "filename")) {
      set_once(file_name, unescape(parameter.value));
    } else if (equals_ignoring_case(parameter.name, "filename*")) {
      set_once(extended, std::move(parameter.value));
    }
  }
  if (!name || !is_valid_utf8(*name)) refuse_name();
  head.name = std::move(*name);
  if (extended) {
    auto decoded = decode_extended(*extended);
    if (!decoded && !file_name) refuse_head();
    if (decoded) file_name = std::move(decoded);
  }
  if (file_name) head.file_name = clean_file_name(*file_name);
}

std::string read_type(std::string_view value) {
  const auto type = trim_ows(value.substr(0, value.find(';')));
  const auto slash = std::min(type.find('/'), type.size());
  std::string out;
  if (is_token(type.substr(0, slash)) && slash < type.size() && is_token(type.substr(slash + 1))) {
    std::transform(type.begin(), type.end(), std::back_inserter(out), lower);
  }
  return out.empty() ? std::string(kUnknownType) : out;
}

// RFC 7578 section 4.7: encodings of the content are no longer used.
bool is_plain_encoding(std::string_view value) noexcept {
  return equals_ignoring_case(value, "binary") || equals_ignoring_case(value, "8bit") ||
         equals_ignoring_case(value, "7bit");
}

}  // namespace

PartHead read_part_head(std::string_view block) {
  PartHead head;
  head.type = kUnknownType;
  std::size_t fields = 0;
  bool is_named = false;
  while (!block.empty()) {
    const auto line = block.substr(0, block.find(kLineEnd));
    block.remove_prefix(std::min(line.size() + kLineEnd.size(), block.size()));
    const auto colon = std::min(line.find(':'), line.size());
    if (++fields > kMostFields || colon == line.size() || !is_token(line.substr(0, colon)) ||
        !detail::all(line.substr(colon), detail::kFieldValue)) {
      refuse_head();
    }
    const auto field = line.substr(0, colon);
    const auto value = trim_ows(line.substr(colon + 1));
    if (equals_ignoring_case(field, "content-disposition")) {
      if (std::exchange(is_named, true)) refuse_name();
      read_disposition(value, head);
    } else if (equals_ignoring_case(field, "content-type")) {
      head.type = read_type(value);
    } else if (equals_ignoring_case(field, "content-transfer-encoding") &&
               !is_plain_encoding(value)) {
      throw invalid_form("encoding", "A part has a Content-Transfer-Encoding; send it as it is");
    }
  }
  if (!is_named) refuse_name();
  return head;
}

std::string form_boundary(std::optional<std::string_view> content_type) {
  const auto type = content_type ? content_type->substr(0, content_type->find(';')) : "";
  if (!equals_ignoring_case(trim_ows(type), "multipart/form-data")) {
    throw Error(Code::unsupported_media_type, "Send multipart/form-data");
  }
  const auto boundary = parameter_of(*content_type, "boundary");
  if (!boundary || !is_boundary(*boundary)) {
    throw invalid_form("boundary",
                       "The Content-Type has no proper boundary; let the HTTP client set it");
  }
  return std::string(*boundary);
}

}  // namespace stoa::http
