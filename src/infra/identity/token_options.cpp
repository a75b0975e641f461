#include <stoa/core/config_check.hpp>
#include <stoa/identity/token_options.hpp>

#include <utility>

namespace stoa::identity {

bool from_text(std::string_view text, std::vector<TokenKey>& out) {
  std::vector<TokenKey> keys;
  for (const auto& item : config::split_list(text)) {
    const auto colon = item.find(':');
    if (colon == std::string::npos) return false;
    keys.push_back({item.substr(0, colon), {item.substr(colon + 1)}});
  }
  out = std::move(keys);
  return true;
}

std::string expected(const std::vector<TokenKey>&) {
  return "kid:secret, several separated by commas";
}

}  // namespace stoa::identity
