#include <stoa/core/hex.hpp>
#include <stoa/core/json_skim.hpp>
#include <stoa/core/values.hpp>

#include <cstddef>
#include <vector>

namespace stoa {
namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// A place in the text that moves over what it is asked to take.
class SkimmedText {
 public:
  explicit SkimmedText(std::string_view text) noexcept : rest_(text) {}

  bool at_end() const noexcept { return rest_.empty(); }
  void skip_space() noexcept {
    const auto next = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(next == std::string_view::npos ? rest_.size() : next);
  }
  bool take(char c) noexcept {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // A member's name and its colon.
  bool take_name() noexcept {
    skip_space();
    if (!take_string()) return false;
    skip_space();
    return take(':');
  }
  bool take_scalar() noexcept {
    return rest_.starts_with('"')
               ? take_string()
               : take_word("null") || take_word("true") || take_word("false") || take_number();
  }

 private:
  bool take_word(std::string_view word) noexcept {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool take_digits() noexcept {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    rest_.remove_prefix(count);
    return count > 0;
  }
  bool take_number() noexcept {
    take('-');
    if (!take('0') && !take_digits()) return false;
    if (take('.') && !take_digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return take_digits();
  }
  bool take_string() noexcept {
    if (!take('"')) return false;
    std::size_t i = 0;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (static_cast<unsigned char>(rest_[i]) < 0x20) return false;
      if (rest_[i] != '\\') continue;
      const std::size_t length = escape_length(rest_.substr(i));
      if (length == 0) return false;
      i += length - 1;
    }
    if (i >= rest_.size()) return false;
    rest_.remove_prefix(i + 1);
    return true;
  }
  // 0: it is none.
  static std::size_t escape_length(std::string_view text) noexcept {
    constexpr std::string_view kShort = "\"\\/bfnrt";
    if (text.size() < 2) return 0;
    if (kShort.find(text[1]) != std::string_view::npos) return 2;
    if (text[1] != 'u' || text.size() < 6) return 0;
    for (const char c : text.substr(2, 4)) {
      if (hex_digit(c) < 0) return 0;
    }
    return 6;
  }

  std::string_view rest_;
};

std::string_view strip(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Where the string ends that begins at `open`: its closing quotation mark.
std::size_t end_of_string(std::string_view json, std::size_t open) noexcept {
  std::size_t i = open + 1;
  while (json[i] != '"') i += json[i] == '\\' ? 2 : 1;
  return i;
}

}  // namespace

bool is_json(std::string_view text) {
  if (!is_valid_utf8(text)) return false;
  SkimmedText at(text);
  std::vector<bool> open;  // what the value stands in, the outermost first; true: an object
  for (;;) {
    at.skip_space();
    if (at.take('{')) {
      at.skip_space();
      open.push_back(true);
      if (!at.take('}')) {
        if (!at.take_name()) return false;
        continue;
      }
      open.pop_back();
    } else if (at.take('[')) {
      at.skip_space();
      open.push_back(false);
      if (!at.take(']')) continue;
      open.pop_back();
    } else if (!at.take_scalar()) {
      return false;
    }
    for (at.skip_space(); !open.empty() && !at.take(','); at.skip_space()) {
      if (!at.take(open.back() ? '}' : ']')) return false;
      open.pop_back();
    }
    if (open.empty()) return at.at_end();
    if (open.back() && !at.take_name()) return false;
  }
}

std::string_view member_text(std::string_view json, std::string_view name) {
  constexpr auto kNone = std::string_view::npos;
  std::size_t depth = 0;
  std::size_t begin = kNone;
  std::string_view last;  // the last string, which is a member's name where a colon follows
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t open = i;
      i = end_of_string(json, open);
      last = json.substr(open + 1, i - open - 1);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == ':' && depth == 1 && last == name) {
      begin = i + 1;
    } else if (depth == 1 && begin != kNone && (c == ',' || c == '}')) {
      return strip(json.substr(begin, i - begin));
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return {};
}

std::string_view first_item_text(std::string_view json) {
  json = strip(json);
  if (!json.starts_with('[')) return {};
  std::size_t depth = 0;
  for (std::size_t i = 1; i < json.size(); ++i) {
    const char c = json[i];
    if (depth == 0 && (c == ',' || c == ']')) return strip(json.substr(1, i - 1));
    if (c == '"') {
      i = end_of_string(json, i);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return {};
}

}  // namespace stoa
