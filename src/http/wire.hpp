#pragma once
// An answer's header block as bytes (RFC 9112). Pure.
#include <stoa/http/message.hpp>

#include <string>
#include <string_view>

namespace stoa::http {

struct Framing {
  bool keep_alive = true;
  bool http_1_0 = false;    // the client's; it must be told that the connection stays
  std::string_view date;    // RFC 9110 section 5.6.7
  std::string_view policy;  // ready-made lines
  bool chunked = false;     // the length is not known
};

// Whether an answer with this status has no body and no length (RFC 9110 section 6.4.1).
bool is_bodiless(int status) noexcept;
std::string_view reason_of(int status) noexcept;
// What stands before a chunk of `size` bytes, and behind the one before; 0 ends the body.
void append_chunk_frame(std::string& out, std::size_t size, bool first);
void append_response_head(std::string& out, const Response& response, const Framing& framing);

}  // namespace stoa::http
