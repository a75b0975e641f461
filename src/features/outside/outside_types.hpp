#pragma once
// What the routes of identities from outside take and answer.
#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>
#include <stoa/oidc/id_token.hpp>

#include <optional>

namespace stoa::outside {

struct OidcSignIn {
  Verbatim<1, 32> provider;  // its name in the configuration
  Verbatim<1, oidc::kMaxTokenBytes> id_token;
  std::optional<Verbatim<1, 256>> nonce;   // that the client has asked for: the token must have it
  std::optional<Label<1, 100>> full_name;  // for a new account, where the token has none (Apple)
};
BOOST_DESCRIBE_STRUCT(OidcSignIn, (), (provider, id_token, nonce, full_name))

}  // namespace stoa::outside
