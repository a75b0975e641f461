#pragma once
// The body of the request that a connection serves now: decoded, counted, and read from the client only as it is asked
// for. Lives in its connection, for one request.
#include "http/chunks.hpp"
#include "http/framing.hpp"
#include "http/link.hpp"

#include <stoa/http/body.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace stoa::http {

class IncomingBody final : public BodyStream {
 public:
  // The head has been consumed. `most_line`: as ChunkDecoder has it.
  IncomingBody(Link& link, const Head& head, std::size_t most_line);

  void limit(std::uint64_t most) noexcept { most_ = most; }
  // Asked before the end is given out of a body that had to be waited for; what it throws, next() does.
  void at_its_end(std::function<Task<>()> ask) { at_its_end_ = std::move(ask); }
  bool at_end() const noexcept { return chunks_ ? chunks_->done() : left_ == 0; }
  // The client has gone or is lost in its framing: nothing can be read any more.
  bool failed() const noexcept { return failed_; }
  bool gone() const noexcept { return gone_; }
  // Bytes that can be read and forgotten so that the connection can go on; empty: more than `most`, or it cannot be known,
  // or the client may not even send them.
  std::optional<std::uint64_t> to_skip(std::uint64_t most) const noexcept;
  // Reads and forgets what to_skip() answered. False: the client has gone.
  Task<bool> skip(std::uint64_t bytes);

  // All of it, where all has come already.
  bool take(std::string& out);
  // All of it. Throws as next().
  Task<> read(std::string& out);

  Task<std::string_view> next() override;
  void keeps(std::size_t bytes) override { link_.keep_body(bytes); }
  std::optional<std::uint64_t> length() const noexcept override { return length_; }

 private:
  bool find_piece(std::string_view& piece);
  [[noreturn]] void fail(Error error);
  [[noreturn]] void fail_to_receive();

  Link& link_;
  std::optional<ChunkDecoder> chunks_;
  std::optional<std::uint64_t> length_;
  std::uint64_t left_ = 0;  // of a body whose length is known
  std::uint64_t most_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t count_ = 0;  // given out
  std::function<Task<>()> at_its_end_;
  std::size_t held_ = 0;  // of what has come, the piece that was given out last
  bool waits_to_be_invited_ = false;
  bool begun_ = false;
  bool was_waited_for_ = false;
  bool failed_ = false;
  bool gone_ = false;
};

}  // namespace stoa::http
