#include <stoa/core/base64.hpp>
#include <stoa/smtp/message.hpp>

#include <algorithm>

namespace stoa::smtp {
namespace {

constexpr std::size_t kLine = 76;  // bytes, without CRLF (RFC 2045 section 6.7)
constexpr char kHex[] = "0123456789ABCDEF";

bool is_plain(char c) {
  return (c >= ' ' && c <= '~' && c != '=') || c == '\t';
}

// Whatever ends its lines in `text`, they end with CRLF.
std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' && text[i] != '\n') {
      out += text[i];
      continue;
    }
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    out += "\r\n";
  }
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out;
}

// A dot or "From" at the start of a line is changed by some servers on the way, a blank at its end is lost.
std::string escaped(char c, bool is_first, bool is_last) {
  const bool is_blank = c == ' ' || c == '\t';
  const bool is_safe =
      is_plain(c) && !(is_first && (c == '.' || c == 'F')) && !(is_last && is_blank);
  if (is_safe) return {c};
  const auto byte = static_cast<unsigned char>(c);
  return {'=', kHex[byte >> 4], kHex[byte & 15]};
}

void append_quoted(std::string& out, std::string_view line) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool is_last = i + 1 == line.size();
    std::string piece = escaped(line[i], column == 0, is_last);
    if (column + piece.size() > (is_last ? kLine : kLine - 1)) {
      out += "=\r\n";
      column = 0;
      piece = escaped(line[i], true, is_last);
    }
    out += piece;
    column += piece.size();
  }
  out += "\r\n";
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    append_quoted(out, text.substr(0, end));
    text.remove_prefix(end + 2);
  }
  return out;
}

std::string base64_lines(std::string_view text) {
  const std::string all = base64_encode(text);
  std::string out;
  for (std::size_t at = 0; at < all.size(); at += kLine) {
    out.append(all, at, kLine);
    out += "\r\n";
  }
  return out;
}

// RFC 5322 section 3.3, which knows no "GMT".
std::string date_of(Timestamp when) {
  const std::string date = to_http_date(when);
  return date.substr(0, date.rfind(' ')) + " +0000";
}

std::string from_line(const Mailbox& from) {
  if (from.name.empty()) return "From: " + from.address;
  std::string name = header_text(from.name, 8);
  if (!name.starts_with("=?")) {
    std::string quoted = "\"";
    for (const char c : name) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    name = quoted + '"';
  }
  return "From: " + name + "\r\n <" + from.address + ">";
}

void append_part(std::string& out, const std::string& boundary, std::string_view type,
                 std::string_view text) {
  const EncodedBody body = encode_body(text);
  out += "--" + boundary + "\r\nContent-Type: " + std::string(type) +
         "; charset=utf-8\r\nContent-Transfer-Encoding: " + std::string(body.encoding) +
         "\r\n\r\n" + body.lines;
}

}  // namespace

EncodedBody encode_body(std::string_view text) {
  const std::string lines = with_crlf(text);
  const auto escapes = std::count_if(lines.begin(), lines.end(),
                                     [](char c) { return !is_plain(c) && c != '\r' && c != '\n'; });
  if (static_cast<std::size_t>(escapes) * 3 > lines.size()) return {"base64", base64_lines(lines)};
  return {"quoted-printable", quoted_printable(lines)};
}

std::string write_message(const MessageParts& parts) {
  // Neither encoding of a body has "=_".
  const std::string boundary = "=_" + parts.id;
  std::string out = "Date: " + date_of(parts.date) + "\r\n" + from_line(parts.from) + "\r\n" +
                    "To: " + parts.to + "\r\n" +  //
                    "Subject: " + header_text(parts.subject, 9) + "\r\n" + "Message-ID: <" +
                    parts.id + "@" + parts.id_host + ">\r\n" +
                    "MIME-Version: 1.0\r\n"
                    "Auto-Submitted: auto-generated\r\n"
                    "Content-Type: multipart/alternative;\r\n boundary=\"" +
                    boundary + "\"\r\n\r\n";
  append_part(out, boundary, "text/plain", parts.text);
  append_part(out, boundary, "text/html", parts.html);
  return out + "--" + boundary + "--\r\n";
}

}  // namespace stoa::smtp
