#pragma once
// What the audit log has of telephone numbers: whether an account has one, and never which.
#include <stoa/audit/audit.hpp>

namespace stoa::phone {

inline constexpr audit::Action kSetPhone{"phone.set"};
inline constexpr audit::Action kRemovePhone{"phone.remove"};

struct PhoneState {
  bool present = false;
};
BOOST_DESCRIBE_STRUCT(PhoneState, (), (present))

}  // namespace stoa::phone
