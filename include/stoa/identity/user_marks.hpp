#pragma once
// What says whose something is in a way that only this server can say it: a user, an id of its own and an HMAC-SHA-256 of both,
// not stored. It signs nobody in. Three things have one:
//
// A device keeps one of having been signed in, so that somebody who guesses at an account from elsewhere cannot lock its
// owner out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"): with one, wrong passwords
// are counted by device instead of by account, and no one who guesses has one. The one-time tickets of sockets are made of one, and
// so is what is shown again with a second factor.
//
// A mark is good until the key that signed it is taken away. Immutable, safe on any thread.
#include <stoa/core/ids.hpp>
#include <stoa/core/time.hpp>
#include <stoa/identity/token_options.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::identity {

struct UserMark {
  UserId user;
  Uuid id;
  Timestamp made_at;  // to the millisecond
};

class UserMarks {
 public:
  static constexpr std::size_t kLength = 86;  // characters, of base64url
  static constexpr std::string_view kOfDevices = "stoa device token";
  static constexpr std::string_view kOfTickets = "stoa socket ticket";

  // The keys of the access tokens, from which its own are derived. Without any, one is made that lives as long as this object.
  // `purpose`: marks of one are none of another.
  UserMarks(const TokenOptions& options, std::string_view purpose);

  std::string issue(UserId user, Timestamp when = now()) const;
  // Empty for what this server has not issued.
  std::optional<UserMark> verify(std::string_view mark) const;

 private:
  std::vector<std::string> keys_;  // the first signs
};

}  // namespace stoa::identity
