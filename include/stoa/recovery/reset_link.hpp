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

// Replaces one of an operator that waits, and none that was sent by mail, nor does one of those replace it. It stands in the audit log. The password stays as it is until the link is used. `email` in any case of
// letters. Throws Error{not_found} where no account has it, and Error{conflict} where that is suspended.
ResetLink make_reset_link(pg::Tx& tx, const Config& config, const std::string& email);

}  // namespace stoa::recovery
