#include <stoa/core/base64.hpp>
#include <stoa/core/field_types.hpp>
#include <stoa/smtp/message.hpp>

#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::smtp {
namespace {

constexpr char kGrin[] = "\xF0\x9F\x98\x80";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  for (std::size_t end = 0; (end = text.find("\r\n", from)) != std::string::npos; from = end + 2) {
    lines.push_back(text.substr(from, end - from));
  }
  if (from < text.size()) lines.push_back(text.substr(from));
  return lines;
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// The text of encoded words, each of which is to be of whole characters.
std::string decoded(const std::string& words) {
  std::string out;
  for (std::string line : lines_of(words)) {
    if (line.starts_with(' ')) line.erase(0, 1);
    EXPECT_LE(line.size(), 75u);
    EXPECT_TRUE(line.starts_with("=?UTF-8?B?") && line.ends_with("?=")) << line;
    const std::string text = base64_decode(line.substr(10, line.size() - 12)).value();
    EXPECT_TRUE(is_valid_utf8(text)) << line;
    out += text;
  }
  return out;
}

MessageParts parts() {
  return {{"Stoa", "stoa@example.org"},
          "ada@example.org",
          "Hello",
          "text\n",
          "<p>html</p>\n",
          "0193-1",
          "stoa.example",
          parse_timestamp("2026-01-15T10:30:00Z").value()};
}

TEST(HeaderText, StaysAsItIsWhereItIsShortAndPlain) {
  EXPECT_EQ(header_text("Reset your password", 9), "Reset your password");
  EXPECT_EQ(header_text("", 9), "");
}

TEST(HeaderText, BecomesWordsOfWholeCharacters) {
  for (const std::string& text :
       {std::string("Passwort \xC3\xA4ndern"), repeated(kGrin, 200), repeated("\xC3\xBC", 300),
        repeated("plain but long ", 20) + "x", std::string("=?UTF-8?B?QUJD?="),
        std::string(" blank"), std::string("x") + repeated(kGrin, 50)}) {
    EXPECT_EQ(decoded(header_text(text, 9)), text);
  }
}

TEST(HeaderText, ALineWithItsNameIsNotTooLong) {
  const auto lines = lines_of("Subject: " + header_text(repeated(kGrin, 200), 9));
  for (const auto& line : lines) EXPECT_LE(line.size(), 76u);
}

TEST(HeaderText, HasNoControls) {
  EXPECT_EQ(header_text("a\r\nBcc: eve@example.org\x01!", 9), "a  Bcc: eve@example.org !");
}

TEST(Body, IsQuotedPrintable) {
  const auto body = encode_body(
      "Gr\xC3\xBC\xC3\x9F"
      "e = ok\nend \n.dot\nFrom here\tx");
  EXPECT_EQ(body.encoding, "quoted-printable");
  EXPECT_EQ(body.lines, "Gr=C3=BC=C3=9Fe =3D ok\r\nend=20\r\n=2Edot\r\n=46rom here\tx\r\n");
}

TEST(Body, HasNoLineOfMoreThan76Bytes) {
  for (const std::string& text :
       {std::string(75, 'x'), std::string(76, 'x'), std::string(77, 'x'), std::string(1000, '.'),
        std::string(75, 'x') + " ", std::string(74, 'x') + "\xC3\xA4", repeated(". ", 500)}) {
    std::string joined;
    for (const auto& line : lines_of(encode_body(text).lines)) {
      EXPECT_LE(line.size(), 76u);
      EXPECT_FALSE(line.starts_with('.'));
      EXPECT_FALSE(line.ends_with(' '));
      joined += line.ends_with('=') ? line.substr(0, line.size() - 1) : line;
    }
    std::string plain;
    for (std::size_t i = 0; i < joined.size(); ++i) {
      if (joined[i] != '=') {
        plain += joined[i];
        continue;
      }
      plain += static_cast<char>(std::stoi(joined.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
    EXPECT_EQ(plain, text);
  }
  EXPECT_EQ(encode_body(std::string(76, 'x')).lines, std::string(76, 'x') + "\r\n");
}

TEST(Body, OfAScriptThatWouldAllBeEscapedIsBase64) {
  const std::string text = repeated("\xE5\xAD\xA6\xE4\xB9\xA0", 100);
  const auto body = encode_body(text);
  EXPECT_EQ(body.encoding, "base64");
  std::string all;
  for (const auto& line : lines_of(body.lines)) {
    EXPECT_LE(line.size(), 76u);
    all += line;
  }
  EXPECT_EQ(base64_decode(all), text + "\r\n");
}

TEST(Body, EndsItsLinesWithCrLfWhateverTheTextDoes) {
  EXPECT_EQ(encode_body("a\nb\r\nc\rd").lines, "a\r\nb\r\nc\r\nd\r\n");
  EXPECT_EQ(encode_body("a\n\n\nb\n").lines, "a\r\n\r\n\r\nb\r\n");
  EXPECT_EQ(encode_body("").lines, "\r\n");
}

TEST(Message, HasItsPartsAndHeaders) {
  EXPECT_EQ(write_message(parts()),
            "Date: Thu, 15 Jan 2026 10:30:00 +0000\r\n"
            "From: \"Stoa\"\r\n <stoa@example.org>\r\n"
            "To: ada@example.org\r\n"
            "Subject: Hello\r\n"
            "Message-ID: <0193-1@stoa.example>\r\n"
            "MIME-Version: 1.0\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "Content-Type: multipart/alternative;\r\n boundary=\"=_0193-1\"\r\n"
            "\r\n"
            "--=_0193-1\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "text\r\n"
            "--=_0193-1\r\n"
            "Content-Type: text/html; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "<p>html</p>\r\n"
            "--=_0193-1--\r\n");
}

TEST(Message, IsAsciiWithCrLfWhateverGoesIn) {
  auto all = parts();
  all.from.name = "Sch\xC3\xBCler \"\\ \r\nX: y";
  all.subject = "\n=?x?= " + repeated(kGrin, 30);
  all.text = "--=_0193-1--\n" + repeated(kGrin, 3) + "\r\r\n";
  all.html = repeated("\xC3\xA4", 400);
  const std::string message = write_message(all);
  for (std::size_t i = 0; i < message.size(); ++i) {
    EXPECT_LT(static_cast<unsigned char>(message[i]), 0x80);
    if (message[i] == '\n') {
      EXPECT_EQ(message[i - 1], '\r');
    }
    if (message[i] == '\r') {
      EXPECT_EQ(message[i + 1], '\n');
    }
  }
  EXPECT_EQ(message.find("X: y"), std::string::npos);
  std::size_t ends = 0;
  for (const auto& line : lines_of(message)) ends += line == "--=_0193-1--" ? 1 : 0;
  EXPECT_EQ(ends, 1u);
}

TEST(Address, IsWhatAccountsHaveOrOneOfThisMachine) {
  EXPECT_EQ(envelope_address("ada@example.org"), "ada@example.org");
  EXPECT_EQ(envelope_address("ada@b\xC3\xBC"
                             "cher.example"),
            "ada@xn--bcher-kva.example");
  EXPECT_EQ(envelope_address("stoa@localhost"), "stoa@localhost");
  for (const char* text : {"", "ada", "@example.org", "ada@", "a b@example.org", "ada@exa mple.org",
                           "<ada@example.org>", "ada@example.org>\r\nRCPT TO:<eve@example.org",
                           "ada\r\n@example.org", "ada@localhost\r\nX", "a\tb@localhost",
                           "\xC3\xA4@example.org", "\"a b\"@example.org", "a>b@localhost"}) {
    EXPECT_EQ(envelope_address(text), std::nullopt) << text;
  }
}

TEST(Address, OfAMailboxHasAName) {
  const auto named = [](const char* text) {
    const auto box = parse_mailbox(text);
    return box ? box->name + "|" + box->address : "none";
  };
  EXPECT_EQ(named("Stoa <stoa@example.org>"), "Stoa|stoa@example.org");
  EXPECT_EQ(named("\"Study, Inc.\" <stoa@localhost>"), "Study, Inc.|stoa@localhost");
  EXPECT_EQ(named("stoa@example.org"), "|stoa@example.org");
  EXPECT_EQ(named("<stoa@example.org>"), "|stoa@example.org");
  for (const char* text : {"", "Stoa", "Stoa <stoa>", "Stoa <stoa@example.org",
                           "a\nb <a@b.example>", "a <x@y.example> <a@b.example>"}) {
    EXPECT_EQ(named(text), "none") << text;
  }
}

}  // namespace
}  // namespace stoa::smtp
