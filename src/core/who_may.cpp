#include <stoa/core/who_may.hpp>

namespace stoa {

Task<> require_admin(Authenticator& accounts, Caller caller) {
  const Role role = co_await accounts.role_of(std::move(caller));
  if (role != Role::admin) throw Error(Code::forbidden);
}

void require_owner(const std::optional<UserId>& owner, UserId user, std::string_view why) {
  if (owner != user) throw Error(Code::forbidden, std::string(why));
}

}  // namespace stoa
