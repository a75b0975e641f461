#include "realtime/bearer.hpp"

#include <cstddef>

namespace stoa::realtime {

std::string_view without_bearer(std::string_view token) noexcept {
  constexpr std::string_view kScheme = "bearer ";
  if (token.size() < kScheme.size()) return token;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if ((token[i] | 0x20) != (kScheme[i] | 0x20)) return token;
  }
  return token.substr(kScheme.size());
}

}  // namespace stoa::realtime
