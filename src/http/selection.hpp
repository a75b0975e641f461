#pragma once
// Which part of an answer a request asks for, and whether it wants one at all: conditions and ranges (RFC 9110 sections
// 13.2.2 and 14). Pure.
#include <stoa/core/time.hpp>
#include <stoa/http/message.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace stoa::http {

struct Part {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

// The Range field against `size` bytes. Nothing: it is to be ignored, as one that asks for several parts is, or one of an
// empty file. A count of 0: no byte of it is there.
std::optional<Part> read_range(std::string_view range, std::uint64_t size) noexcept;

// RFC 9110 section 5.6.7, in the form that is sent today.
std::optional<Timestamp> parse_http_date(std::string_view text) noexcept;

// Adds the validators of a response with status 200 to GET or HEAD, and turns it into 206, 304, 412 or 416 where the
// request says so.
void select(const Request& request, Response& response);

}  // namespace stoa::http
