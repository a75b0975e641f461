#include <stoa/core/field_types.hpp>
#include <stoa/smtp/address.hpp>

namespace stoa::smtp {

std::optional<std::string> envelope_address(std::string_view text) {
  if (const auto email = Email::parse(text)) return email->value;
  // An account's domain has a dot, this machine's name has none.
  if (!text.ends_with("@localhost")) return std::nullopt;
  auto local = Email::parse(std::string(text) + ".example");
  if (!local) return std::nullopt;
  return std::string(trim(text));
}

std::optional<Mailbox> parse_mailbox(std::string_view text) {
  text = trim(text);
  const auto bracket = text.rfind('<');
  if (bracket == std::string_view::npos) {
    auto address = envelope_address(text);
    if (!address) return std::nullopt;
    return Mailbox{"", std::move(*address)};
  }
  if (!text.ends_with('>')) return std::nullopt;
  auto address = envelope_address(text.substr(bracket + 1, text.size() - bracket - 2));
  std::string_view name = trim(text.substr(0, bracket));
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
    name = name.substr(1, name.size() - 2);
  }
  if (!address || !is_valid_utf8(name) || name.find_first_of("\"<>\r\n\t") != name.npos ||
      has_control(name)) {
    return std::nullopt;
  }
  return Mailbox{std::string(name), std::move(*address)};
}

}  // namespace stoa::smtp
