#pragma once
// What the routes of identities from outside take and answer.
#include <stoa/core/binding.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/core/label.hpp>
#include <stoa/core/time.hpp>
#include <stoa/oidc/id_token.hpp>

#include <optional>
#include <string>

namespace stoa::outside {

struct OidcSignIn {
  Verbatim<1, 32> provider;  // its name in the configuration
  Verbatim<1, oidc::kMaxTokenBytes> id_token;
  std::optional<Verbatim<1, 256>> nonce;   // that the client has asked for: the token must have it
  std::optional<Label<1, 100>> full_name;  // for a new account, where the token has none (Apple)
};
BOOST_DESCRIBE_STRUCT(OidcSignIn, (), (provider, id_token, nonce, full_name))

using IdentityId = Id<struct IdentityTag>;

struct NewIdentity {
  Verbatim<1, 32> provider;
  Verbatim<1, oidc::kMaxTokenBytes> id_token;
  std::optional<Verbatim<1, 256>> nonce;
};
BOOST_DESCRIBE_STRUCT(NewIdentity, (), (provider, id_token, nonce))

struct IdentityPath {
  IdentityId id;
};
BOOST_DESCRIBE_STRUCT(IdentityPath, (), (id))

// A way in from outside, as its owner sees it.
struct IdentityView {
  IdentityId id;
  std::optional<std::string>
      provider;  // its name when it was linked; none of what was linked before that was noted
  std::string issuer;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(IdentityView, (), (id, provider, issuer, created_at))

}  // namespace stoa::outside
