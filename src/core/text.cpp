#include <stoa/core/text.hpp>
#include <stoa/core/values.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include <unicode/locid.h>
#include <unicode/ucal.h>
#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/uloc.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

namespace stoa {
namespace {

constexpr UChar32 kJoiner = 0x200D;
constexpr UChar32 kAsText = 0xFE0E;  // variation selectors
constexpr UChar32 kAsEmoji = 0xFE0F;

const std::uint8_t* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

std::int32_t size_of(std::string_view text) noexcept {
  return static_cast<std::int32_t>(text.size());
}

icu::StringPiece piece_of(std::string_view text) noexcept {
  return {text.data(), size_of(text)};
}

bool is_space(UChar32 c) noexcept {
  return c == 0xFEFF || u_isUWhiteSpace(c);
}

// Most text begins and ends with what is ASCII, and can be seen.
bool is_plain(char c) noexcept {
  return c > ' ' && c < 0x7F;
}

// ---- Scripts -------------------------------------------------------------------------------------------

// Those that ICU needs a dictionary for, or breaks anywhere (uscript_breaksBetweenLetters), and what else has no spaces.
bool writes_without_spaces(UScriptCode script) noexcept {
  constexpr std::array<UScriptCode, 5> kOthers = {USCRIPT_HANGUL, USCRIPT_TIBETAN, USCRIPT_BALINESE,
                                                  USCRIPT_JAVANESE, USCRIPT_VAI};
  return uscript_breaksBetweenLetters(script) ||
         std::find(kOthers.begin(), kOthers.end(), script) != kOthers.end();
}

bool is_written_without_spaces(UChar32 c) noexcept {
  constexpr std::uint32_t kOfWords = U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK;
  if (c < 0x80 || (U_GET_GC_MASK(c) & kOfWords) == 0) return false;
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(c, &status);
  if (U_FAILURE(status)) return false;
  // Of several scripts: marks of length and repetition, and numbers.
  if (script != USCRIPT_COMMON && script != USCRIPT_INHERITED) return writes_without_spaces(script);
  return uscript_hasScript(c, USCRIPT_KATAKANA) || uscript_hasScript(c, USCRIPT_HAN);
}

// ---- Emoji ---------------------------------------------------------------------------------------------

bool is_recommended(const icu::UnicodeString& text) {
  return u_stringHasBinaryProperty(text.getBuffer(), text.length(), UCHAR_RGI_EMOJI);
}

// What a later version of Unicode may have made an emoji; it may have a tone.
bool is_reserved(const icu::UnicodeString& text) {
  const UChar32 first = text.char32At(0);
  if (u_charType(first) != U_UNASSIGNED ||
      !u_hasBinaryProperty(first, UCHAR_EXTENDED_PICTOGRAPHIC)) {
    return false;
  }
  const std::int32_t rest = text.moveIndex32(0, 1);
  return rest == text.length() || (text.moveIndex32(rest, 1) == text.length() &&
                                   u_hasBinaryProperty(text.char32At(rest), UCHAR_EMOJI_MODIFIER));
}

// Emoji with joiners between them: some became one only in a later version.
bool is_emoji(const icu::UnicodeString& text) {
  if (is_recommended(text)) return true;
  for (std::int32_t from = 0; from <= text.length();) {
    std::int32_t end = text.indexOf(kJoiner, from);
    if (end < 0) end = text.length();
    const icu::UnicodeString part(text, from, end - from);
    if (part.isEmpty() || !(is_recommended(part) || is_reserved(part))) return false;
    from = end + 1;
  }
  return true;
}

// ---- Names ---------------------------------------------------------------------------------------------

struct CloseIdna {
  void operator()(UIDNA* idna) const noexcept { uidna_close(idna); }
};
using IdnaPtr = std::unique_ptr<UIDNA, CloseIdna>;

IdnaPtr open_idna() {
  UErrorCode status = U_ZERO_ERROR;
  IdnaPtr idna(uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                   UIDNA_NONTRANSITIONAL_TO_ASCII,
                               &status));
  if (U_FAILURE(status)) throw std::runtime_error(u_errorName(status));
  return idna;
}

// As in "en-USA", whose second part ICU takes for the language. RFC 5646 (2.2.2) has such for the old spelling of some.
bool has_extended_language(std::string_view tag) noexcept {
  const auto dash = tag.find('-');
  if (dash == std::string_view::npos) return false;
  auto part = tag.substr(dash + 1);
  part = part.substr(0, part.find('-'));
  const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  return part.size() == 3 && std::all_of(part.begin(), part.end(), is_letter);
}

// Those with a glyph of nothing, which no property of Unicode tells: braille without a dot, the object that is missing, the
// musical null notehead, the Khitan filler.
bool shows_nothing(UChar32 c) noexcept {
  return is_space(c) || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || c == 0x2800 ||
         c == 0xFFFC || c == 0x1D159 || c == 0x16FE4;
}

}  // namespace

bool is_blank(std::string_view text) noexcept {
  const std::int32_t size = size_of(text);
  for (std::int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(bytes_of(text), i, size, c);
    if (!shows_nothing(c)) return false;
  }
  return true;
}

std::string undirected(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const std::int32_t size = size_of(text);
  for (std::int32_t i = 0; i < size;) {
    const std::int32_t at = i;
    UChar32 c = 0;
    U8_NEXT(bytes_of(text), i, size, c);
    if (c >= 0x80 && u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL)) continue;
    out.append(text, static_cast<std::size_t>(at), static_cast<std::size_t>(i - at));
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return out;
}

std::string small_letters(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::size_t longest_word(std::string_view text) noexcept {
  std::size_t longest = 0;
  std::size_t length = 0;
  const std::int32_t size = size_of(text);
  for (std::int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(bytes_of(text), i, size, c);
    length = c >= 0 && u_isalnum(c) ? length + 1 : 0;
    longest = std::max(longest, length);
  }
  return longest;
}

std::vector<std::string_view> runs_without_spaces(std::string_view text) {
  std::vector<std::string_view> runs;
  const std::int32_t size = size_of(text);
  std::size_t begin = 0;
  std::size_t length = 0;  // in bytes
  const auto end_run = [&] {
    if (length > 0) runs.push_back(text.substr(begin, length));
    length = 0;
  };
  for (std::int32_t i = 0; i < size;) {
    const std::int32_t at = i;
    UChar32 c = 0;
    U8_NEXT(bytes_of(text), i, size, c);
    if (!is_written_without_spaces(c)) {
      end_run();
      continue;
    }
    if (length == 0) begin = static_cast<std::size_t>(at);
    length += static_cast<std::size_t>(i - at);
  }
  end_run();
  return runs;
}

std::string_view trim(std::string_view text) noexcept {
  std::int32_t begin = 0;
  std::int32_t end = size_of(text);
  while (begin < end && !is_plain(text[static_cast<std::size_t>(begin)])) {
    std::int32_t next = begin;
    UChar32 c = 0;
    U8_NEXT(bytes_of(text), next, end, c);
    if (!is_space(c)) break;
    begin = next;
  }
  while (end > begin && !is_plain(text[static_cast<std::size_t>(end - 1)])) {
    std::int32_t before = end;
    UChar32 c = 0;
    U8_PREV(bytes_of(text), begin, before, c);
    if (!is_space(c)) break;
    end = before;
  }
  return text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

std::optional<std::string> canonical_emoji(std::string_view text) {
  if (text.size() > kMaxEmoji) return std::nullopt;
  std::vector<UChar32> characters;
  for (std::int32_t i = 0; i < size_of(text);) {
    UChar32 c = 0;
    U8_NEXT(bytes_of(text), i, size_of(text), c);
    if (c < 0) return std::nullopt;
    if (c != kAsText && c != kAsEmoji) characters.push_back(c);
  }
  // A selector stands behind what is text without one, unless a tone does.
  icu::UnicodeString full;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const UChar32 c = characters[i];
    full.append(c);
    if (!u_hasBinaryProperty(c, UCHAR_EMOJI) || u_hasBinaryProperty(c, UCHAR_EMOJI_PRESENTATION)) {
      continue;
    }
    const bool has_tone =
        i + 1 < characters.size() && u_hasBinaryProperty(characters[i + 1], UCHAR_EMOJI_MODIFIER);
    if (!has_tone) full.append(kAsEmoji);
  }
  if (!is_emoji(full)) return std::nullopt;
  std::string out;
  full.toUTF8String(out);
  return out.size() <= kMaxEmoji ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::string> ascii_domain(std::string_view domain) {
  static const IdnaPtr kIdna = open_idna();
  constexpr std::size_t kMost = 1024;  // bytes that are looked at: 253 A-labels can come of no more
  if (domain.size() > kMost) return std::nullopt;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode status = U_ZERO_ERROR;
  std::array<char, 256> out;
  const std::int32_t size =
      uidna_nameToASCII_UTF8(kIdna.get(), domain.data(), size_of(domain), out.data(),
                             static_cast<std::int32_t>(out.size()), &info, &status);
  if (U_FAILURE(status) || info.errors != 0 || size == 0) return std::nullopt;
  return std::string(out.data(), static_cast<std::size_t>(size));
}

std::optional<std::string> canonical_language_tag(std::string_view tag) {
  constexpr std::size_t kMost = 128;
  if (tag.empty() || tag.size() > kMost) return std::nullopt;
  if (has_extended_language(tag)) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale = icu::Locale::forLanguageTag(piece_of(tag), status);
  if (U_FAILURE(status)) return std::nullopt;
  locale.canonicalize(status);
  const std::string_view language = locale.getLanguage();
  if (language.size() < 2 || language.size() > 3) return std::nullopt;
  auto out = locale.toLanguageTag<std::string>(status);
  if (U_FAILURE(status)) return std::nullopt;
  return out;
}

bool is_time_zone(std::string_view name) {
  constexpr std::size_t kMost = 64;
  if (name.size() > kMost) return false;
  const std::string id(name);
  const auto wide = icu::UnicodeString::fromUTF8(id);
  std::array<UChar, 2 * kMost> canonical;
  UBool is_known = false;
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t size =
      ucal_getCanonicalTimeZoneID(wide.getBuffer(), wide.length(), canonical.data(),
                                  static_cast<std::int32_t>(canonical.size()), &is_known, &status);
  if (U_FAILURE(status) || !is_known) return false;
  if (id == "Factory")
    return false;  // the time zone database's own for "not set", which no browser takes
  // ICU also knows Java's abbreviations ("PST"): names that CLDR gives no key of its own, and that stand for another zone.
  const char* const key = uloc_toUnicodeLocaleType("tz", id.c_str());
  if (key == nullptr) return false;
  return key != id || wide == icu::UnicodeString(false, canonical.data(), size);
}

}  // namespace stoa
