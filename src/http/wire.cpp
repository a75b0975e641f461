#include "http/wire.hpp"

#include "http/chars.hpp"

#include <charconv>

namespace stoa::http {
namespace {

// Whatever a handler made a value of, it stays one line.
void append_value(std::string& out, std::string_view value) {
  if (is_field_value(value)) {
    out.append(value);
    return;
  }
  for (const char c : value) out += detail::is(c, detail::kFieldValue) ? c : ' ';
}

}  // namespace

bool is_bodiless(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

std::string_view reason_of(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return "Status";
  }
}

void append_chunk_frame(std::string& out, std::size_t size, bool first) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, size, 16).ptr;
  if (!first) out.append("\r\n");
  out.append(digits, static_cast<std::size_t>(end - digits)).append("\r\n");
  if (size == 0) out.append("\r\n");
}

void append_response_head(std::string& out, const Response& response, const Framing& framing) {
  char digits[24];
  const auto number = [&](std::size_t value) {
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return std::string_view(digits, static_cast<std::size_t>(end - digits));
  };
  out.append("HTTP/1.1 ").append(number(static_cast<std::size_t>(response.status)));
  out.append(" ").append(reason_of(response.status)).append("\r\nDate: ").append(framing.date);
  if (framing.chunked) {
    out.append("\r\nTransfer-Encoding: chunked");
  } else if (const auto size = response.size(); size && !is_bodiless(response.status)) {
    out.append("\r\nContent-Length: ").append(number(*size));
  }
  if (!framing.keep_alive) {
    out.append("\r\nConnection: close");
  } else if (framing.http_1_0) {
    out.append("\r\nConnection: keep-alive");
  }
  out.append("\r\n");
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    const auto [field, value] = response.headers[i];
    out.append(field).append(": ");
    append_value(out, value);
    out.append("\r\n");
  }
  out.append(framing.policy).append("\r\n");
}

}  // namespace stoa::http
