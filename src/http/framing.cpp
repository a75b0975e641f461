#include "http/framing.hpp"

#include "http/chars.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <string>

namespace stoa::http {
namespace {

using namespace std::string_view_literals;

constexpr Refusal bad(const char* reason) {
  return {Code::invalid_request, reason};
}

// Fields that mean nothing, or two things, when they come twice.
constexpr std::array kSingle = {"host"sv,   "content-length"sv,  "transfer-encoding"sv,
                                "origin"sv, "authorization"sv,   "content-type"sv,
                                "expect"sv, "idempotency-key"sv, "upgrade"sv};

constexpr int single_index(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kSingle.size(); ++i) {
    if (kSingle[i] == name) return static_cast<int>(i);
  }
  return -1;
}

std::optional<Refusal> read_request_line(std::string_view line, Head& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return bad("request line");
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!is_token(head.method)) return bad("method");
  if (head.target.empty() || !is_target(head.target)) return bad("target");
  if (version == "HTTP/1.0") {
    head.http_1_0 = true;
    head.keep_alive = false;
  } else if (version != "HTTP/1.1") {
    return bad("HTTP version");
  }
  return std::nullopt;
}

// `close` counts wherever it stands (RFC 9112 section 9.3).
void read_connection(std::string_view value, Head& head, bool& upgrade, bool& closes) {
  for_each_element(value, [&](std::string_view option) {
    if (equals_ignoring_case(option, "close")) {
      closes = true;
    } else if (equals_ignoring_case(option, "keep-alive")) {
      head.keep_alive = true;
    } else if (equals_ignoring_case(option, "upgrade")) {
      upgrade = true;
    }
  });
}

std::optional<Refusal> read_framing_field(std::string_view name, std::string_view value,
                                          Head& head) {
  if (name == "content-length") {
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    // from_chars takes no sign for unsigned types, and stops at the comma of "4, 4".
    if (value.empty() || error != std::errc{} || end != value.data() + value.size()) {
      return bad("Content-Length");
    }
    head.content_length = length;
  } else if (name == "transfer-encoding") {
    if (head.http_1_0 || !equals_ignoring_case(value, "chunked")) return bad("Transfer-Encoding");
    head.chunked = true;
  } else if (name == "host") {
    if (value.empty() || !detail::all(value, detail::kHost)) return bad("Host");
  } else if (name == "expect") {
    if (!equals_ignoring_case(value, "100-continue")) return bad("Expect");
    head.expects_continue = !head.http_1_0;
  }
  return std::nullopt;
}

bool names_websocket(const Headers& headers) {
  bool named = false;
  for_each_element(headers.find("upgrade").value_or(""), [&](std::string_view protocol) {
    named = named || equals_ignoring_case(protocol, "websocket");
  });
  return named;
}

}  // namespace

HeadEnd find_head_end(std::string_view bytes, std::size_t& from,
                      const HeadLimits& limits) noexcept {
  const char* const begin = bytes.data();
  while (from < bytes.size()) {
    const auto* found =
        static_cast<const char*>(std::memchr(begin + from, '\n', bytes.size() - from));
    const std::size_t stop =
        found == nullptr ? bytes.size() : static_cast<std::size_t>(found - begin);
    if (std::memchr(begin + from, '\0', stop - from) != nullptr) return {0, bad("NUL")};
    if (found == nullptr) {
      from = bytes.size();
      break;
    }
    if (stop == 0 || bytes[stop - 1] != '\r') return {0, bad("bare LF")};
    from = stop + 1;
    if (stop >= 3 && bytes[stop - 2] == '\n') {
      if (from > limits.bytes) break;
      return {from, std::nullopt};
    }
  }
  if (bytes.size() > limits.bytes) return {0, Refusal{Code::headers_too_large, "header bytes"}};
  return {};
}

std::optional<Refusal> read_head(std::string_view block, const HeadLimits& limits, Head& head,
                                 Headers& headers) {
  head = Head{};
  headers.clear();
  headers.reserve(16, block.size());
  const auto line_end = block.find("\r\n");
  if (line_end == std::string_view::npos) return bad("request line");
  if (auto refusal = read_request_line(block.substr(0, line_end), head)) return refusal;

  std::array<bool, kSingle.size()> seen{};
  bool connection_upgrade = false;
  bool closes = false;
  std::size_t fields = 0;
  std::string name;
  std::string_view rest = block.substr(line_end + 2);
  while (true) {
    const auto end = rest.find("\r\n");
    if (end == std::string_view::npos) return bad("unfinished header");
    if (end == 0) {
      if (rest.size() != 2) return bad("bytes after the header");
      break;
    }
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (++fields > limits.fields) return Refusal{Code::headers_too_large, "header fields"};
    const auto colon = line.find(':');
    // A folded line begins with a space, which no token has; nor is there one before the colon.
    if (colon == std::string_view::npos || !lower_token(line.substr(0, colon), name)) {
      return bad("field name");
    }
    const auto value = trim_ows(line.substr(colon + 1));
    if (!is_field_value(value)) return bad("field value");
    const int single = single_index(name);
    if (single >= 0) {
      if (std::exchange(seen[static_cast<std::size_t>(single)], true)) return bad("repeated field");
      if (auto refusal = read_framing_field(name, value, head)) return refusal;
    } else if (name == "connection") {
      read_connection(value, head, connection_upgrade, closes);
    }
    headers.add(name, value);
  }
  if (closes) head.keep_alive = false;
  if (head.chunked && head.content_length) return bad("Transfer-Encoding with Content-Length");
  if (!head.http_1_0 && !headers.find("host")) return bad("no Host");
  head.upgrade = connection_upgrade && !head.http_1_0 && names_websocket(headers);
  return std::nullopt;
}

Glance glance_at_head(std::string_view block) noexcept {
  constexpr std::string_view kOrigin = "origin";
  Glance glance;
  auto end = block.find("\r\n");
  if (end == std::string_view::npos) return glance;
  Head head;
  if (!read_request_line(block.substr(0, end), head)) glance.target = head.target;
  while (glance.origin.empty()) {
    block.remove_prefix(end + 2);
    end = block.find("\r\n");
    if (end == std::string_view::npos || end == 0) break;
    const auto line = block.substr(0, end);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (!equals_ignoring_case(line.substr(0, colon), kOrigin)) continue;
    const auto value = trim_ows(line.substr(colon + 1));
    if (is_field_value(value)) glance.origin = value;
  }
  return glance;
}

bool is_plain_chunk_extension(std::string_view extension) noexcept {
  return is_field_value(extension);
}

}  // namespace stoa::http
