#pragma once
// Refresh tokens are "family.secret": the family stays for the life of a sign-in, the secret changes with
// each use. Only their hashes are stored. A client that shows a known family with another secret than the present
// one holds a token that was already used: then one of two parties has stolen it, and the sign-in ends.
//
// An answer that got lost on its way is no theft: for kRetryWindow the same client may show the last token
// once more and gets the same successor again. For that the successor is kept sealed with the token that it
// follows (a one-time pad derived from it), so that the database alone still opens nothing. A thief gains
// no lasting hold by it: as soon as one of the two uses the successor, the other's next use ends the sign-in.
//
// What a client gets is marked besides: "family.secret.mark", the mark an HMAC of what stands before it. So a token that this
// server gave is known without the database, and is counted by its own sign-in, while what is made up is counted against
// the address that sends it. The mark opens nothing: a token without one, which was given before there were marks or
// under a key that is gone, is as good.
//
// Pure functions, and an immutable object; safe on any thread.
#include <stoa/identity/token_options.hpp>
#include <stoa/net/rate_key.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::auth {

inline constexpr std::chrono::seconds kRetryWindow{10};

struct RefreshToken {
  std::string family;
  std::string secret;

  static RefreshToken make();  // a new family
  static std::optional<RefreshToken> parse(std::string_view text);
  RefreshToken successor() const;  // the same family, a new secret
  std::string text() const { return family + '.' + secret; }
  std::string family_hash() const;
  std::string hash() const;
  // Of its family: whom limits count.
  net::RateKey key() const;
};

class RefreshMarks {
 public:
  // The keys of the access tokens, from which its own are derived. Without any, one is made that lives as long as this object.
  explicit RefreshMarks(const identity::TokenOptions& options);

  // For the client: 110 characters.
  std::string text(const RefreshToken& token) const;
  struct Shown {
    RefreshToken token;
    bool is_ours = false;  // marked by this server
  };
  // Empty for what is none by its form.
  std::optional<Shown> read(std::string_view text) const;

 private:
  std::vector<std::string> keys_;  // the first marks
};

// The successor's secret, readable only with the token before it.
std::string seal(const RefreshToken& token, const RefreshToken& successor);
std::optional<RefreshToken> unseal(const RefreshToken& token, std::string_view sealed);

}  // namespace stoa::auth
