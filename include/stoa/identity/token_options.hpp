#pragma once
// What access tokens are made with.
#include <stoa/core/config_types.hpp>

#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

namespace stoa::identity {

struct TokenKey {
  std::string kid;
  Secret secret;  // at least 32 bytes
};
BOOST_DESCRIBE_STRUCT(TokenKey, (), (kid, secret))

// "kid:secret,kid:secret", as the environment has them; a secret holds no comma. False for anything else.
bool from_text(std::string_view text, std::vector<TokenKey>& out);
std::string expected(const std::vector<TokenKey>&);

struct TokenOptions {
  std::string issuer;
  std::string audience;
  std::vector<TokenKey> keys;  // the first signs, all verify
  Duration ttl;
};

}  // namespace stoa::identity
