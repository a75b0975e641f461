#pragma once
#include <stoa/audit/audit.hpp>

namespace stoa::account {

inline constexpr audit::Action kDelete{"account.delete"};

}  // namespace stoa::account
