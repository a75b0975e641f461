#include "features/recovery/link_marks.hpp"
#include "features/recovery/recovery_audit.hpp"
#include "features/recovery/recovery_links.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/codes/codes.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/text.hpp>
#include <stoa/recovery/recovery_config.hpp>
#include <stoa/recovery/reset_link.hpp>
#include <stoa/users/accounts.hpp>

namespace stoa::recovery {

ResetLink make_reset_link(pg::Tx& tx, const Config& config, const std::string& email) {
  const auto account = tx.run(users::find_account(email));
  if (!account) throw Error(Code::not_found, "no account has the address " + email);
  if (account->suspended) {
    throw Error(Code::conflict, "that account is suspended: unsuspend it first");
  }
  const codes::Codes all(config.codes);
  const auto purpose =
      lasting(codes::kResetByOperator, config.section<RecoveryConfig>().operator_ttl);
  const codes::Wanted wanted{.target = small_letters(*account->email), .user = account->id};
  const auto made = all.make_anyway(tx, purpose, wanted, "");
  audit::write(tx, audit::Actor::the_operator(), kMakeLink, {{"user", account->id}},
               audit::kNothing, audit::kNothing);
  const LinkMarks marks(auth::sealing_keys(config.section<auth::AuthConfig>()));
  return {link_to(config.server.public_url, kResetPage, marks.text(made.text)), made.expires};
}

}  // namespace stoa::recovery
