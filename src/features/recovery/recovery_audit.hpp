#pragma once
// What the audit log has of recovered accounts: what changes who may come in. Addresses themselves do not stand there, since they
// would outlive the account.
#include <stoa/audit/audit.hpp>

namespace stoa::recovery {

inline constexpr audit::Action kReset{"recovery.reset_password"};
inline constexpr audit::Action kChangeEmail{"recovery.change_email"};
inline constexpr audit::Action kMakeLink{"recovery.make_reset_link"};  // by the operator

}  // namespace stoa::recovery
