#pragma once
// What a device keeps of having been signed in, so that somebody who guesses at an account from elsewhere cannot lock its
// owner out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). It signs nobody in: with one, wrong passwords
// are counted by device instead of by account, and no one who guesses has one. Not stored: the user, an id of
// its own and an HMAC-SHA-256 of both. It is good until the key that signed it is taken away. Immutable, safe on any thread.
#include <stoa/core/ids.hpp>
#include <stoa/identity/token_options.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::identity {

struct KnownDevice {
  UserId user;
  Uuid id;
};

class DeviceTokens {
 public:
  // The keys of the access tokens, from which its own are derived. Without any, one is made that lives as long as this object.
  // `purpose`: tokens of one are none of another. The one-time tickets of sockets are made the same way.
  explicit DeviceTokens(const TokenOptions& options,
                        std::string_view purpose = "stoa device token");

  // 86 characters of base64url.
  std::string issue(UserId user) const;
  // Empty for what this server has not issued.
  std::optional<KnownDevice> verify(std::string_view token) const;

 private:
  std::vector<std::string> keys_;  // the first signs
};

}  // namespace stoa::identity
