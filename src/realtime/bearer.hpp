#pragma once
// What pages call a token; some put the scheme before it, as it stands in the Authorization field (RFC 6750).
#include <string_view>

namespace stoa::realtime {

// Without "Bearer ", in whatever case.
std::string_view without_bearer(std::string_view token) noexcept;

}  // namespace stoa::realtime
