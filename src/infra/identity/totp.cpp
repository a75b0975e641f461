#include <stoa/identity/crypto.hpp>
#include <stoa/identity/totp.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace stoa::identity {
namespace {

constexpr std::array<std::uint32_t, 10> kPowers = {
    1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

std::uint32_t byte_of(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

void escape(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto is_unreserved = [](char c) {  // RFC 3986 section 2.3
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
  };
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
}

std::string without_colons(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), ':', ' ');
  return out;
}

}  // namespace

std::string hotp(std::string_view secret, std::uint64_t counter, int digits) {
  std::string message(8, '\0');
  for (std::size_t i = 0; i < message.size(); ++i) {
    message[i] = static_cast<char>(counter >> (8 * (message.size() - 1 - i)));
  }
  const std::string mac = hmac_sha1(secret, message);
  const std::size_t at = byte_of(mac, mac.size() - 1) & 15;
  const std::uint32_t number = (byte_of(mac, at) & 127) << 24 | byte_of(mac, at + 1) << 16 |
                               byte_of(mac, at + 2) << 8 | byte_of(mac, at + 3);
  const auto length = static_cast<std::size_t>(digits);
  const std::string shown = std::to_string(number % kPowers.at(length));
  return std::string(length - shown.size(), '0') + shown;
}

std::int64_t totp_step(Timestamp now) noexcept {
  return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count() / kTotpSeconds;
}

std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code,
                                       Timestamp now, std::int64_t after) {
  const std::int64_t present = totp_step(now);
  std::optional<std::int64_t> found;
  for (std::int64_t step = present - 1; step <= present + 1; ++step) {
    const bool same = constant_time_equal(code, hotp(secret, static_cast<std::uint64_t>(step)));
    if (same && step > after && !found) found = step;
  }
  return found;
}

std::string base32_encode(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t waiting = 0;
  int bits = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    waiting = (waiting << 8 | byte_of(bytes, i)) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) out += kAlphabet[(waiting >> (bits - 5)) & 31];
  }
  if (bits > 0) out += kAlphabet[(waiting << (5 - bits)) & 31];
  return out;
}

std::string otpauth_uri(std::string_view issuer, std::string_view account,
                        std::string_view secret) {
  const std::string server = without_colons(issuer);
  std::string out = "otpauth://totp/";
  escape(out, server);
  out += ':';
  escape(out, without_colons(account));
  out += "?secret=" + base32_encode(secret) + "&issuer=";
  escape(out, server);
  out += "&algorithm=SHA1&digits=" + std::to_string(kTotpDigits) +
         "&period=" + std::to_string(kTotpSeconds);
  return out;
}

}  // namespace stoa::identity
