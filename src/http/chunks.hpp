#pragma once
// Takes a body in chunks apart (RFC 9112 section 7.1), strictly: sizes are hexadecimal digits and nothing else, lines end
// in CRLF, extensions and trailer fields are checked and dropped. Pure; holds no bytes.
#include "http/framing.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stoa::http {

class ChunkDecoder {
 public:
  // `most_line`: bytes of one line, and of all that is not data beside eight bytes for each byte of data.
  explicit ChunkDecoder(std::size_t most_line) noexcept : most_line_(most_line) {}

  struct Step {
    std::size_t used = 0;   // of the bytes given; 0 without a refusal: more are needed
    std::string_view data;  // the end of what was used
    std::optional<Refusal> refusal;
  };
  // `bytes`: all that has come and was not used yet.
  Step next(std::string_view bytes) noexcept;
  // The last chunk and the trailer have been read: what follows is the next request.
  bool done() const noexcept { return state_ == State::done; }

 private:
  enum class State { size, data, data_end, trailer, done };

  Step read_line(std::string_view bytes) noexcept;
  std::optional<Refusal> take_size(std::string_view line) noexcept;
  bool count_overhead(std::size_t bytes) noexcept;

  std::size_t most_line_;
  std::uint64_t left_ = 0;  // of the present chunk
  std::uint64_t data_ = 0;  // in all
  std::uint64_t overhead_ = 0;
  State state_ = State::size;
};

}  // namespace stoa::http
