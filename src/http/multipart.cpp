#include "http/multipart.hpp"

#include "http/problem.hpp"

#include <algorithm>

namespace stoa::http {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLast = "--";  // behind the last delimiter

}  // namespace

MultipartParser::MultipartParser(std::string_view boundary, std::size_t most_parts,
                                 std::size_t most_head)
    : delimiter_("\r\n--"), most_parts_(most_parts), most_head_(most_head) {
  delimiter_ += boundary;
}

MultipartParser::Step MultipartParser::next(std::string_view bytes) {
  switch (state_) {
    case State::start:
    case State::preamble:
      return find_first(bytes);
    case State::behind_delimiter:
      return read_delimiter_end(bytes);
    case State::head:
      return read_head(bytes);
    case State::content:
      break;
  }
  return read_content(bytes);
}

// Where the delimiter begins, or may have begun.
std::size_t MultipartParser::before_delimiter(std::string_view bytes) const noexcept {
  const auto found = bytes.find(delimiter_);
  if (found != std::string_view::npos) return found;
  std::size_t from = bytes.size() - std::min(bytes.size(), delimiter_.size() - 1);
  for (;;) {
    from = std::min(bytes.find('\r', from), bytes.size());
    if (std::string_view(delimiter_).starts_with(bytes.substr(from))) return from;
    ++from;
  }
}

MultipartParser::Step MultipartParser::find_first(std::string_view bytes) {
  if (state_ == State::start) {
    // No line has to end before the first delimiter.
    const auto first = std::string_view(delimiter_).substr(kLineEnd.size());
    if (bytes.starts_with(first)) {
      state_ = State::behind_delimiter;
      return {Event::more, first.size(), {}};
    }
    if (first.starts_with(bytes)) return {};
    state_ = State::preamble;
  }
  std::size_t used = before_delimiter(bytes);
  skipped_ += used;
  if (skipped_ > most_head_) throw invalid_form("start", "The form does not begin");
  if (bytes.substr(used).starts_with(delimiter_)) {
    used += delimiter_.size();
    state_ = State::behind_delimiter;
  }
  return {Event::more, used, {}};
}

// Two dashes behind the last one; else padding that transports may have added, and the end of the line.
MultipartParser::Step MultipartParser::read_delimiter_end(std::string_view bytes) {
  if (bytes.starts_with(kLast)) return {Event::done, kLast.size(), {}};
  if (kLast.starts_with(bytes)) return {};
  const auto padding = std::min(bytes.find_first_not_of(" \t", searched_), bytes.size());
  const auto rest = bytes.substr(padding, kLineEnd.size());
  if (padding > most_head_ || !kLineEnd.starts_with(rest)) {
    throw invalid_form("delimiter", "A line with the boundary does not end with CRLF");
  }
  searched_ = padding;
  if (rest != kLineEnd) return {};
  searched_ = 0;
  if (++parts_ > most_parts_) throw too_large_form("parts", most_parts_);
  state_ = State::head;
  return {Event::more, padding + kLineEnd.size(), {}};
}

MultipartParser::Step MultipartParser::read_head(std::string_view bytes) {
  const auto end = bytes.find(kHeadEnd, searched_);
  const bool is_whole = end != std::string_view::npos;
  // Of the bytes that end it all but the last may have come.
  if (is_whole ? end > most_head_ : bytes.size() >= most_head_ + kHeadEnd.size()) {
    throw too_large_form("headers", most_head_);
  }
  searched_ = is_whole ? 0 : bytes.size() - std::min(bytes.size(), kHeadEnd.size() - 1);
  if (!is_whole) return {};
  head_ = read_part_head(bytes.substr(0, end + kLineEnd.size()));
  state_ = State::content;
  return {Event::part, end + kHeadEnd.size(), {}};
}

MultipartParser::Step MultipartParser::read_content(std::string_view bytes) {
  const auto used = before_delimiter(bytes);
  if (used > 0) return {Event::data, used, bytes.substr(0, used)};
  if (!bytes.starts_with(delimiter_)) return {};
  state_ = State::behind_delimiter;
  return {Event::more, delimiter_.size(), {}};
}

}  // namespace stoa::http
