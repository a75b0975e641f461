#pragma once
// Tokens that others have issued and that are taken as access tokens (docs/adr/0028-identity-from-outside.md). Of whoever knows such issuers;
// auth knows none. Safe on any thread.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>

#include <optional>
#include <string>

namespace stoa::auth {

class ForeignTokens {
 public:
  // Whose it is. Whether that sign-in still stands here is looked at afterwards, each time.
  struct Shown {
    UserId user;
    AuthSessionId session;
    Timestamp until;  // when the token lapses
  };

  // Of a token that was judged before; in no time.
  virtual std::optional<Shown> recall(const std::string& token) const noexcept = 0;
  // Whether it says that it is of such an issuer, true or not.
  virtual bool may_be(const std::string& token) const noexcept = 0;
  // Makes the account, or finds it, and a sign-in of its own. Throws Error{invalid_token | suspended | overloaded | db_unavailable |
  // SECOND_FACTOR_NEEDED | PROVIDER_UNAVAILABLE | rate_limited}.
  virtual Task<Shown> judge(std::string token, Client client) = 0;
  // Whose account the subject of such an issuer leads to, as Firebase's uid does. It proves nothing. Throws
  // Error{db_unavailable | overloaded}.
  virtual Task<std::optional<UserId>> find_subject(std::string subject) = 0;

 protected:
  ~ForeignTokens() = default;
};

}  // namespace stoa::auth
