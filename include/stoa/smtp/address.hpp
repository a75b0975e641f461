#pragma once
// Addresses as they go into envelopes and headers. Pure.
#include <optional>
#include <string>
#include <string_view>

namespace stoa::smtp {

// Who a mail is from, as people read it.
struct Mailbox {
  std::string name;  // may be empty
  std::string address;
};

// An address of an account (<stoa/core/field_types.hpp>, Email), or one of this machine ("stoa@localhost"), with its domain in
// A-labels (RFC 5890). Empty for all else, so that what comes out ends no command and no header. Letters beyond ASCII before
// the @ are such: no account has them, and few servers take them (RFC 6531).
std::optional<std::string> envelope_address(std::string_view text);

// "Stoa <stoa@example.org>", the name with or without quotation marks, or the address alone. Empty for what is none.
std::optional<Mailbox> parse_mailbox(std::string_view text);

}  // namespace stoa::smtp
