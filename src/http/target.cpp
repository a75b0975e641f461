#include "http/target.hpp"

#include "http/chars.hpp"
#include "http/percent.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/values.hpp>

#include <algorithm>
#include <utility>

namespace stoa::http {
namespace {

[[noreturn]] void refuse(const char* what) {
  throw Error(Code::invalid_request, what);
}

// The result is UTF-8 without NUL.
std::string decode(std::string_view text, bool plus_is_space) {
  auto out = percent_decode(text, plus_is_space);
  if (!out) refuse("The address has a broken percent-encoding");
  if (out->find('\0') != std::string::npos) refuse("The address contains NUL");
  if (!is_valid_utf8(*out)) refuse("The address is not valid UTF-8");
  return std::move(*out);
}

void check_segment(std::string_view segment) {
  if (segment == "." || segment == "..") refuse("The address has a dot segment");
  const auto suspects = [](std::uint64_t bytes) {
    return detail::controls(bytes) | detail::equal(bytes, '/') | detail::equal(bytes, '\\');
  };
  if (detail::all_quickly(segment, detail::kSegment, suspects)) return;
  for (const char c : segment) {
    if (c == '/' || c == '\\') refuse("The address has an encoded slash or a backslash");
    if (!detail::is(c, detail::kSegment)) refuse("The address contains a control character");
  }
}

void read_path(std::string_view raw, Target& out) {
  if (raw.empty() || raw.front() != '/') refuse("The address does not begin with a slash");
  out.path.reserve(raw.size());
  raw.remove_prefix(1);
  while (!raw.empty()) {
    const auto slash = raw.find('/');
    auto segment = raw.substr(0, slash);
    std::string decoded;
    if (segment.find('%') != std::string_view::npos) segment = decoded = decode(segment, false);
    check_segment(segment);
    if (segment.empty()) refuse("The address has an empty segment");
    out.path += '/';
    out.path += segment;
    if (slash == std::string_view::npos) return;
    raw.remove_prefix(slash + 1);
    out.trailing_slash = raw.empty();
  }
  if (out.path.empty()) out.path = "/";
}

// "http://host/path" as proxies send it: the authority was checked with Host.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() ||
        !equals_ignoring_case(target.substr(0, scheme.size()), scheme)) {
      continue;
    }
    const auto path = target.find_first_of("/?", scheme.size());
    if (path == scheme.size()) refuse("The address has no host");
    return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  return target;
}

}  // namespace

Target parse_target(std::string_view target) {
  Target out;
  if (target == "*") {
    out.path = "*";
    return out;
  }
  if (!is_target(target)) refuse("The address contains a character that it may not");
  target = without_authority(target);
  const auto mark = target.find('?');
  if (mark == 0) {
    out.path = "/";
  } else {
    read_path(target.substr(0, mark), out);
  }
  if (mark != std::string_view::npos) out.query = target.substr(mark + 1);
  return out;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!query.empty()) {
    const auto ampersand = query.find('&');
    const auto piece = query.substr(0, ampersand);
    if (!piece.empty()) {
      const auto equals = piece.find('=');
      auto name = decode(piece.substr(0, equals), true);
      auto value =
          equals == std::string_view::npos ? std::string() : decode(piece.substr(equals + 1), true);
      const bool repeated = std::any_of(out.begin(), out.end(),
                                        [&](const auto& known) { return known.first == name; });
      if (repeated) refuse("A query parameter is repeated");
      if (out.size() == kMaxQueryParameters) refuse("Too many query parameters");
      out.emplace_back(std::move(name), std::move(value));
    }
    if (ampersand == std::string_view::npos) break;
    query.remove_prefix(ampersand + 1);
  }
  return out;
}

}  // namespace stoa::http
