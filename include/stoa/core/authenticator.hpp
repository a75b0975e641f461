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
  // `token` without the scheme's name. Throws Error{invalid_token | suspended | db_unavailable}.
  virtual Task<Caller> authenticate(std::string token, Client client) = 0;
  // Whose token it says it is, where this server has issued it and it has not expired; else empty. In no time, and without a
  // look at whether it still stands: for who counts what is tried with it.
  virtual std::optional<UserId> holder_of(const std::string& token) const noexcept = 0;
  // The present role of the caller's account, not that of the sign-in: at most as old as what is known of sign-ins. Throws
  // as authenticate() does, also where the sign-in has ended since.
  virtual Task<Role> role_of(Caller caller) = 0;
};

}  // namespace stoa
