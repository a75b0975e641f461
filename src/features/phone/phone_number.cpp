#include <stoa/core/json.hpp>
#include <stoa/phone/phone_number.hpp>

#include <algorithm>

namespace stoa::phone {
namespace {

constexpr std::size_t kLeast = 7, kMost = 15;  // digits
constexpr std::size_t kLongestTyped = 40;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

}  // namespace

bool is_prefix(std::string_view text) noexcept {
  return text.size() >= 2 && text.size() <= kMost + 1 && text[0] == '+' && text[1] != '0' &&
         std::all_of(text.begin() + 1, text.end(), is_digit);
}

std::optional<PhoneNumber> PhoneNumber::parse(std::string_view text) {
  constexpr std::string_view kBetween = " -./()";
  // A zero that is dialled within the country alone: "+49 (0)151".
  if (text.size() > kLongestTyped || text.find("(0)") != text.npos) return std::nullopt;
  PhoneNumber number;
  for (const char c : text) {
    if (kBetween.find(c) == kBetween.npos) number.value += c;
  }
  if (number.value.size() < kLeast + 1 || !is_prefix(number.value)) return std::nullopt;
  return number;
}

}  // namespace stoa::phone

namespace stoa {

void Binding<phone::PhoneNumber>::read(JsonView json, phone::PhoneNumber& out, Issues& issues) {
  const auto text = read_string(json, issues);
  if (!text) return;
  if (auto number = phone::PhoneNumber::parse(*text)) {
    out = std::move(*number);
  } else {
    issues.add("invalid_string",
               "Expected a telephone number with its country's code, as in \"+49 151 23456789\"",
               {{"validation", "phone"}});
  }
}
void Binding<phone::PhoneNumber>::schema(Json& out, SchemaBook&) {
  out = {{"type", "string"}, {"maxLength", phone::kLongestTyped}};
}

}  // namespace stoa
