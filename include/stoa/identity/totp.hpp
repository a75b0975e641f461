#pragma once
// Codes that an app on somebody's telephone shows: TOTP (RFC 6238) over HOTP (RFC 4226), as all such apps make them: HMAC-SHA-1,
// six digits, a new one every 30 seconds. Pure functions, safe on any thread.
#include <stoa/core/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::identity {

inline constexpr int kTotpDigits = 6;
inline constexpr std::int64_t kTotpSeconds = 30;
inline constexpr std::size_t kTotpSecretBytes = 20;  // RFC 4226 section 4, R6

// RFC 4226 section 5.3.
std::string hotp(std::string_view secret, std::uint64_t counter, int digits = kTotpDigits);

// Of the present time, counted from 1970.
std::int64_t totp_step(Timestamp now) noexcept;

// Whose step the code is, of the present one and one to each side (RFC 6238 section 5.2), among those later than `after`:
// what was accepted once is never again. Empty for any other code.
std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code,
                                       Timestamp now, std::int64_t after);

// Upper case without padding (RFC 4648 section 6), as the apps want secrets.
std::string base32_encode(std::string_view bytes);

// What apps read from a QR code or a link (github.com/google/google-authenticator/wiki/Key-Uri-Format). A colon in one of the
// names becomes a space, since it stands between them.
std::string otpauth_uri(std::string_view issuer, std::string_view account, std::string_view secret);

}  // namespace stoa::identity
