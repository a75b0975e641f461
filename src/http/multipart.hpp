#pragma once
// Takes multipart/form-data apart (RFC 2046 section 5.1.1) as it comes. Pure; holds the head of one part, and no content.
// Lines end in CRLF and nothing else, as they do for formidable.
#include "http/part_head.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::http {

class MultipartParser {
 public:
  // `most_parts` in all; `most_head` bytes of each one's head, of what stands before the first, and of padding.
  MultipartParser(std::string_view boundary, std::size_t most_parts, std::size_t most_head);

  enum class Event {
    more,  // nothing to say yet
    part,  // head() is that of a new part
    data,  // the next piece of its content
    done   // the last part has ended; what follows is not the form's
  };
  struct Step {
    Event event = Event::more;
    std::size_t used = 0;   // of the bytes given; 0 with `more`: the same and more have to come
    std::string_view data;  // of what was used
  };
  // `bytes`: all that has come and was not used yet. Throws Error{invalid_form | too_large}. Not to be called again after
  // that, or after `done`.
  Step next(std::string_view bytes);
  const PartHead& head() const noexcept { return head_; }
  // Bytes of the form's end behind the last part, as far as every client sends it.
  std::size_t end_size() const noexcept { return delimiter_.size() + 2; }

 private:
  enum class State { start, preamble, behind_delimiter, head, content };

  Step find_first(std::string_view bytes);
  Step read_delimiter_end(std::string_view bytes);
  Step read_head(std::string_view bytes);
  Step read_content(std::string_view bytes);
  std::size_t before_delimiter(std::string_view bytes) const noexcept;

  std::string delimiter_;  // CRLF, two dashes, boundary
  std::size_t most_parts_, most_head_;
  std::size_t parts_ = 0;
  std::size_t skipped_ = 0;  // before the first part
  std::size_t searched_ =
      0;  // of what was left unused: bytes in which the end that is looked for does not begin
  PartHead head_;
  State state_ = State::start;
};

}  // namespace stoa::http
