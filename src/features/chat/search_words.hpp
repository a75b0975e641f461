#pragma once
// The words that a message is found by: runs of letters and digits. Signs are blanks, in messages and in what is
// searched for alike (<stoa/postgres/search_query.hpp>), since PostgreSQL's parser takes by the square as long for text of many signs (migration 0008).
// That parser takes longer over a short message than storing it takes, so most text is taken apart here.
// Pure, safe on any thread.
#include <optional>
#include <string>
#include <string_view>

namespace stoa::chat {

// A tsvector in text form (PostgreSQL 8.11.1), equal to to_tsvector('simple', searchable(text)). Empty where it is for
// PostgreSQL to say: other letters than ASCII's, more than 2,000 bytes or 255 words (a tsvector keeps so many places
// of one), and numbers such as 7e5 with letters right after them, which its parser takes for two words.
std::optional<std::string> plain_words(std::string_view text);

}  // namespace stoa::chat
