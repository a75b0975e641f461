#pragma once
// What the audit log has of second factors: targets are users. Plain described values.
#include <stoa/audit/audit.hpp>

namespace stoa::second_factor {

inline constexpr audit::Action kTurnOn{"second_factor.turn_on"};
inline constexpr audit::Action kTurnOff{"second_factor.turn_off"};
inline constexpr audit::Action kRenewCodes{"second_factor.renew_recovery_codes"};
inline constexpr audit::Action kReset{"second_factor.reset"};  // by the operator

struct FactorState {
  bool on = false;
};
BOOST_DESCRIBE_STRUCT(FactorState, (), (on))

}  // namespace stoa::second_factor
