#pragma once
// Turns an access token into a Caller, and says what a caller's account may by now. Implemented by the auth feature, used by the edges of HTTP and of
// the sockets, which know no more of tokens than this. Callable on any shard; answers on that shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>

#include <optional>
#include <string>

namespace stoa {

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // `token` without the scheme's name. Throws Error{invalid_token | suspended | db_unavailable}; of a token that others have issued
  // also what <stoa/auth/foreign_tokens.hpp> names.
  virtual Task<Caller> authenticate(std::string token, Client client) = 0;
  // What counts for what is tried with the token: its sign-in, or of a one-time ticket its user. Empty where this server has not
  // issued it, or it has expired. In no time, and without a look at whether it still stands: a sign-in that has ended
  // spends nothing of the ones that its user has since.
  virtual std::optional<Uuid> counted_for(const std::string& token) const noexcept = 0;
  // Whether telling whose it is costs more than a look, so that trying it counts for its address.
  virtual bool is_costly(const std::string& /*token*/) const noexcept { return false; }
  // The present role of the caller's account, not that of the sign-in: at most as old as what is known of sign-ins. Throws
  // as authenticate() does, also where the sign-in has ended since.
  virtual Task<Role> role_of(Caller caller) = 0;
};

}  // namespace stoa
