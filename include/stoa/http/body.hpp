#pragma once
// What a request brings along. A row does not repeat it: the type that its handler takes says it, as the last
// parameter.
//
//   Task<View> leave(Caller);                             none    a body is refused; `{}` counts as none, of any method
//   Task<View> create(Caller, NewRoom);                   json    the described struct
//   Task<Response> webhook(const Request*, WholeBody);    whole   as it came, whatever its type
//   Task<View> upload(Caller, UploadQuery, Bytes);        bytes   piece by piece, as the handler asks for them
//   Task<View> add(Caller, NewNote, FormFile);            form    fields as the struct, then the file piece by piece
//
// Who may, how often, the type and the announced length are decided before a byte of the body is kept, and before a
// client that waits for `100 Continue` is told to go on.
#include <stoa/core/task.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stoa::http {

enum class Body { none, json, whole, bytes, form };

// Read while the handler works, not before.
constexpr bool flows(Body body) noexcept {
  return body == Body::bytes || body == Body::form;
}

// Points into the request.
struct WholeBody {
  std::string_view text;
};

// The body of a request that is under way, with its connection behind it. Lives until the answer is made.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // The next piece, at most some 64 KiB, valid until the next call; empty at the end. The client is not read from before
  // it is asked for. Throws Error: request_timeout where too little comes in too long, too_large beyond the row's limit,
  // invalid_request where the framing breaks or the client has gone.
  virtual Task<std::string_view> next() = 0;
  // How much of the body its reader has in memory by now: it counts among what waits (net::WaitingBytes) until the answer
  // is made, and where that is too much the next next() throws Error overloaded.
  virtual void keeps(std::size_t) {}
  // What was announced; empty for a body in chunks.
  virtual std::optional<std::uint64_t> length() const noexcept = 0;
};

// A handler's handle on it. What the handler leaves unread is drained up to a bound, or the connection ends after the
// answer.
class Bytes {
 public:
  explicit Bytes(BodyStream& stream) : stream_(&stream) {}
  Task<std::string_view> next() { return stream_->next(); }
  void keeps(std::size_t bytes) { stream_->keeps(bytes); }
  std::optional<std::uint64_t> length() const noexcept { return stream_->length(); }

 private:
  BodyStream* stream_;
};

}  // namespace stoa::http
