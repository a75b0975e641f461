#pragma once
// What the audit log has of accounts: what changes who may come in. Sign-ins themselves, and what failed, are lines in the
// log: anybody can make as many of those as he likes. Plain described values.
#include <stoa/audit/audit.hpp>
#include <stoa/core/caller.hpp>

#include <cstdint>

namespace stoa::auth {

inline constexpr audit::Action kChangePassword{"auth.change_password"};
inline constexpr audit::Action kSignOutAll{"auth.sign_out_all"};
inline constexpr audit::Action kEndSignIn{"auth.end_sign_in"};  // of one device, within its user
inline constexpr audit::Action kOpenSignIn{
    "auth.open_sign_in"};  // by the operator, within its user

// By the operator.
inline constexpr audit::Action kPromote{"users.promote"};
inline constexpr audit::Action kDemote{"users.demote"};
inline constexpr audit::Action kSuspend{"users.suspend"};
inline constexpr audit::Action kUnsuspend{"users.unsuspend"};

struct AccountState {
  Role role = Role::learner;
};
BOOST_DESCRIBE_STRUCT(AccountState, (), (role))

struct SuspensionState {
  bool suspended = false;
};
BOOST_DESCRIBE_STRUCT(SuspensionState, (), (suspended))

struct OpenSignIns {
  std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(OpenSignIns, (), (count))

}  // namespace stoa::auth
