#pragma once
// A mail as it goes over the wire (RFC 5322, MIME by RFC 2045 to 2047): text and HTML of the same, all of it ASCII, with CRLF
// at the end of each line and no line longer than 76 bytes but for long addresses. The same parts give the same bytes. Pure.
#include <stoa/core/time.hpp>
#include <stoa/smtp/address.hpp>

#include <string>
#include <string_view>

namespace stoa::smtp {

struct MessageParts {
  Mailbox from;
  std::string to;  // as envelope_address() gives it
  std::string subject;
  std::string text, html;
  std::string id;  // unlike any other: of the Message-ID before its @, and of the boundary
  std::string id_host;
  Timestamp date;
};

std::string write_message(const MessageParts& parts);

// The value of a header whose name and blank have taken `used` bytes of its line: as it is where it is short and plain, else in
// encoded words (RFC 2047) of whole characters. Controls become blanks.
std::string header_text(std::string_view text, std::size_t used);
// A body: quoted-printable, or base64 where that would escape more than a third of it.
struct EncodedBody {
  std::string_view encoding;
  std::string lines;
};
EncodedBody encode_body(std::string_view text);

}  // namespace stoa::smtp
