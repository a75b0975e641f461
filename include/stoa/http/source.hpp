#pragma once
// An answer's body that is read as the client reads: nothing of it is held but the piece that is being sent.
//
//   Download response;
//   response.headers.set("content-type", "video/mp4");
//   response.headers.set("content-disposition", content_disposition(Disposition::inline_, name));
//   response.source = std::make_shared<FileSource>(...);
//   response.etag = ...;
//
// Ranges and conditions (RFC 9110 sections 13 and 14) are then seen to by the server, as they are for the embedded files:
// 206, 304, 412 and 416 come from what `etag`, `last_modified` and size() say.
#include <stoa/core/task.hpp>
#include <stoa/http/message.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

class Source {
 public:
  virtual ~Source() = default;
  // Bytes in all. Empty: not known before its end; it is then sent in chunks, and not in ranges.
  virtual std::optional<std::uint64_t> size() const noexcept = 0;
  // From 1 to `most` bytes from `offset` on, valid until the next call; empty at the end. Each call goes on where the one
  // before has ended, the first one where a range begins. Called on the connection's shard. What it throws cuts the
  // answer short: the client sees that it is not whole.
  virtual Task<std::string_view> read(std::uint64_t offset, std::size_t most) = 0;
  // Before the first read: what cuts the answer short at once, also one whose client reads nothing. Any thread may call it, also
  // when the answer is over.
  virtual void cut_by(std::function<void()> /*cut*/) {}
};

// What a handler answers where it is a file rather than JSON: a Response that the API's description knows of as one.
struct Download : Response {};

enum class Disposition { inline_, attachment };

// The field's value (RFC 6266) for a file that people named, whatever is in the name: the last segment of a path, in
// UTF-8 as RFC 8187 has it and, for old clients, in ASCII.
std::string content_disposition(Disposition disposition, std::string_view name);

}  // namespace stoa::http
