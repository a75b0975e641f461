// Ways in from outside that their owner adds and takes away.
#include "features/outside/outside_audit.hpp"
#include "features/outside/outside_codes.hpp"
#include "features/outside/outside_store.hpp"
#include "features/outside/outside_types.hpp"

#include <stoa/auth/auth_codes.hpp>
#include <stoa/auth/ways_in.hpp>
#include <stoa/core/who_may.hpp>
#include <stoa/outside/outside.hpp>
#include <stoa/users/users.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stoa::outside {

Task<Page<IdentityView>> Outside::list_identities(Caller caller) {
  std::vector<IdentityView> views = co_await parts_.db.run(store::list_views(caller.user));
  co_return Page<IdentityView>{std::move(views), std::nullopt};
}

Task<> Outside::remove_identity(Caller caller, IdentityPath path) {
  auto work = [this, caller, id = path.id](pg::Tx& tx) {
    const UserId user = caller.user;
    parts_.entrance.lock(tx, user);
    parts_.entrance.require_fresh(tx, caller);
    const IdentityView was = require_found(tx.run(store::find_view(user, id)));
    if (!parts_.entrance.has_other_way_in(tx, user, {.identity = id.uuid})) {
      throw Error(auth::kLastWayIn);
    }
    tx.run(store::remove_identity(user, id));
    const std::string provider = was.provider.value_or(was.issuer);
    audit::write(tx, caller, kUnlink, {{"user", user}}, Linked{provider}, audit::kNothing);
    // Whoever came in by it goes, and what is a token of the provider's own opens nothing any more.
    parts_.entrance.end_all(tx, user, "auth_session_ended", *caller.client, caller.session);
    tell(tx, user, "identity_removed", provider);
  };
  co_await parts_.db.transaction(std::move(work));
}

void Outside::tell(pg::Tx& tx, UserId user, const char* mail, const std::string& provider) const {
  if (!parts_.mailer.is_on()) return;
  const users::User person = tx.run(users::get_user(user));
  if (!person.email || !person.is_verified) return;  // nobody has shown that it is his
  parts_.mailer.send(tx, {.name = mail,
                          .to = *person.email,
                          .locale = person.locale,
                          .values = {{"provider", provider}}});
}

}  // namespace stoa::outside
