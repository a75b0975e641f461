#pragma once
// The framing guard: reads one header block strictly (RFC 9112) before anything else sees it, and refuses
// whatever two parsers could understand differently: Transfer-Encoding other than one `chunked` in
// HTTP/1.1, Transfer-Encoding beside Content-Length, repeated or listed Content-Length, no or several
// Hosts, folded lines, space before a colon, bare CR or LF, NUL and other controls. A refused connection
// is closed, so what follows is never taken for a request. Pure functions.
#include <stoa/core/error.hpp>
#include <stoa/http/message.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stoa::http {

struct HeadLimits {
  std::size_t bytes;
  std::size_t fields;
};

struct Head {
  std::string_view method, target;  // point into the block
  bool http_1_0 = false;
  bool keep_alive = true;
  bool chunked = false;
  // To WebSocket. What else a client offers to go on with (h2c) it does not insist on: RFC 9110 section 7.8.
  bool upgrade = false;
  bool expects_continue = false;
  std::optional<std::uint64_t> content_length;
};

// Why a connection is refused.
struct Refusal {
  Code code;
  const char* reason;
};

struct HeadEnd {
  std::size_t size = 0;  // of the block with its empty line; 0: more bytes are needed
  std::optional<Refusal> refusal;
};

// Looks for the end of the block; `from` is where the last call stopped. Refuses early what can no longer
// become one: a bare LF, a NUL, too many bytes.
HeadEnd find_head_end(std::string_view bytes, std::size_t& from, const HeadLimits& limits) noexcept;

// `block` ends with its empty line. Fills `head` and `headers` (cleared first).
std::optional<Refusal> read_head(std::string_view block, const HeadLimits& limits, Head& head,
                                 Headers& headers);

inline bool announces_body(const Head& head) noexcept {
  return head.chunked || head.content_length.value_or(0) > 0;
}

// What can be seen of a head that was refused, so that a page hears of it: its origin, and what it asked for. Empty where
// there is nothing to see.
struct Glance {
  std::string_view target, origin;  // point into the block
};
Glance glance_at_head(std::string_view block) noexcept;

// Whether a chunk's extension (RFC 9112 section 7.1.1) may be ignored; one with controls is refused.
bool is_plain_chunk_extension(std::string_view extension) noexcept;

}  // namespace stoa::http
