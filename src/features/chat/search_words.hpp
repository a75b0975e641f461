#pragma once
// The words that a message is found by. PostgreSQL's parser takes longer over a short message than storing it
// takes; so plain text is taken apart here, into what that parser would say of it, word by word and place by place.
// Pure, safe on any thread.
#include <optional>
#include <string>
#include <string_view>

namespace stoa::chat {

// A tsvector in text form (PostgreSQL 8.11.1), equal to to_tsvector('simple', text). Empty where it is for
// PostgreSQL to say: other letters than ASCII's, text of more than 1,000 bytes, and signs that its parser
// sees more in than the end of a word (addresses, numbers with signs, paths).
std::optional<std::string> plain_words(std::string_view text);

}  // namespace stoa::chat
