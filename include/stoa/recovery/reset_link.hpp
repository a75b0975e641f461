#pragma once
// A link that sets a new password, for an operator to hand over: where there is no mail, or its owner no longer reads it.
#include <stoa/core/config.hpp>
#include <stoa/core/time.hpp>
#include <stoa/postgres/tx.hpp>

#include <string>

namespace stoa::recovery {

struct ResetLink {
  std::string link;
  Timestamp expires;
};

// Replaces one that an operator has made, neither replaces one of a mail nor is replaced by it, and stands in the audit log. The
// password stays as it is until the link is used. `email` in any case of letters. Throws Error{not_found} where no account has it, and Error{conflict} where that is suspended.
ResetLink make_reset_link(pg::Tx& tx, const Config& config, const std::string& email);

}  // namespace stoa::recovery
