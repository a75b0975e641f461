#include "http/chunks.hpp"

#include "http/chars.hpp"

#include <algorithm>
#include <charconv>

namespace stoa::http {
namespace {

constexpr Refusal kMalformed{Code::invalid_request, "the chunks are not well-formed"};
constexpr Refusal kTooMuchAround{Code::invalid_request,
                                 "the chunks are too small for their number"};
constexpr std::size_t kMostDigits = 15;  // so that no sum of sizes overflows
// A chunk of one byte costs five more, and some clients do send such.
constexpr std::uint64_t kOverheadPerByte = 8;

}  // namespace

bool ChunkDecoder::count_overhead(std::size_t bytes) noexcept {
  overhead_ += bytes;
  return overhead_ <= most_line_ + kOverheadPerByte * data_;
}

ChunkDecoder::Step ChunkDecoder::next(std::string_view bytes) noexcept {
  constexpr std::string_view kEnd = "\r\n";
  switch (state_) {
    case State::data: {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      left_ -= count;
      data_ += count;
      if (left_ == 0) state_ = State::data_end;
      return {count, bytes.substr(0, count), std::nullopt};
    }
    case State::data_end:
      if (!kEnd.starts_with(bytes.substr(0, kEnd.size()))) return {0, {}, kMalformed};
      if (bytes.size() < kEnd.size()) return {};
      state_ = State::size;
      if (!count_overhead(kEnd.size())) return {0, {}, kTooMuchAround};
      return {kEnd.size(), {}, std::nullopt};
    case State::size:
    case State::trailer:
      return read_line(bytes);
    case State::done:
      break;
  }
  return {};
}

// The size line of a chunk, or a line of the trailer.
ChunkDecoder::Step ChunkDecoder::read_line(std::string_view bytes) noexcept {
  const auto feed = bytes.find('\n');
  if (feed == std::string_view::npos) {
    if (bytes.size() > most_line_) return {0, {}, kMalformed};
    return {};
  }
  if (feed == 0 || bytes[feed - 1] != '\r' || feed > most_line_) return {0, {}, kMalformed};
  const auto line = bytes.substr(0, feed - 1);
  if (!count_overhead(feed + 1)) return {0, {}, kTooMuchAround};
  if (state_ == State::size) {
    if (auto refusal = take_size(line)) return {0, {}, refusal};
  } else if (line.empty()) {
    state_ = State::done;
  } else {
    const auto colon = line.find(':');
    const bool field = colon != std::string_view::npos && is_token(line.substr(0, colon)) &&
                       detail::all(line.substr(colon + 1), detail::kFieldValue);
    if (!field) return {0, {}, kMalformed};
  }
  return {feed + 1, {}, std::nullopt};
}

std::optional<Refusal> ChunkDecoder::take_size(std::string_view line) noexcept {
  const auto digits = std::min(line.find_first_of("; \t"), line.size());
  const char* const end = line.data() + digits;
  const auto [stop, error] = std::from_chars(line.data(), end, left_, 16);
  // from_chars takes no sign for unsigned types and no "0x".
  if (digits == 0 || digits > kMostDigits || error != std::errc{} || stop != end) {
    return kMalformed;
  }
  if (digits < line.size()) {
    const auto extension = trim_ows(line.substr(digits));
    if (!extension.starts_with(';') || !is_plain_chunk_extension(extension)) return kMalformed;
  }
  state_ = left_ == 0 ? State::trailer : State::data;
  return std::nullopt;
}

}  // namespace stoa::http
