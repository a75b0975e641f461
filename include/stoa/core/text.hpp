#pragma once
// What Unicode, CLDR and IDNA say of texts, by ICU and of its version. Texts are UTF-8; what is none is nothing that anybody
// asks for here. Pure functions, safe on any thread.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa {

// Nothing of it can be seen: white space, and characters that are ignored where they are shown (U+200B, U+202E).
bool is_blank(std::string_view text) noexcept;

// Without the characters that direct text: embeddings, overrides and isolates, and the marks U+061C, U+200E and U+200F. What is written
// from right to left is so without them, and what joins letters and emoji (U+200C, U+200D) stays.
std::string undirected(std::string_view text);

// Its controls (ASCII) are blanks, so that it ends no line of a log, a header or a mail.
std::string one_line(std::string_view text);

// ASCII's capitals as small letters, as PostgreSQL's citext compares addresses and names; the rest stays.
std::string small_letters(std::string_view text);

// The most letters and digits that it has in a row.
std::size_t longest_word(std::string_view text) noexcept;

// The runs of characters of scripts that write without spaces (Han, Kana, Thai, Khmer ...), and of Hangul, whose words end in
// particles: where a word begins in them nobody sees without a dictionary. Letters, marks and digits.
std::vector<std::string_view> runs_without_spaces(std::string_view text);

// One emoji in its fully qualified form (UTS #51): with and without variation selectors it is the same. At most kMaxEmoji
// bytes. Empty where it is none: neither recommended for interchange, nor made of such by joiners, nor reserved for a later
// version of Unicode than ICU's.
inline constexpr std::size_t kMaxEmoji = 64;
std::optional<std::string> canonical_emoji(std::string_view text);

// A domain name as it is looked up, in small letters and A-labels (UTS #46, not transitional). Empty where it is none. At
// most 253 bytes come out.
std::optional<std::string> ascii_domain(std::string_view domain);

// A language tag (BCP 47) in CLDR's canonical form, "en-us" as "en-US". Empty where it is none, or names no language.
std::optional<std::string> canonical_language_tag(std::string_view tag);

// Whether there is a time zone of that name in the IANA database that ICU has, old names among them.
bool is_time_zone(std::string_view name);

}  // namespace stoa
