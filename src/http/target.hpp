#pragma once
// Reads a request's target (RFC 9112 section 3.2) into a decoded path and query, and refuses every form
// that could mean one thing here and another to a file system, a proxy or a log: encoded slashes and
// backslashes, dot segments, doubled slashes, controls, NUL, text that is not UTF-8. Pure functions.
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::http {

inline constexpr std::size_t kMaxQueryParameters = 64;

struct Target {
  std::string path;  // "/", or segments without a slash at the end
  bool trailing_slash = false;
  std::string query;  // as sent: judged by parse_query() where somebody reads it
};

// Origin form, absolute form, or "*". Throws Error{invalid_request} that says what is wrong.
Target parse_target(std::string_view target);

// In order, decoded, each name once. Throws Error{invalid_request} that says what is wrong.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

}  // namespace stoa::http
