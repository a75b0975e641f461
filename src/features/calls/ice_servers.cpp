#include "features/calls/ice_servers.hpp"

#include <stoa/calls/calls_config.hpp>
#include <stoa/core/base64.hpp>

#include <array>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace stoa::calls {

std::string turn_credential(std::string_view secret, std::string_view username) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(username.data()), username.size(), digest.data(),
           &size) == nullptr) {
    throw std::runtime_error("no HMAC from OpenSSL");
  }
  return base64_encode({reinterpret_cast<const char*>(digest.data()), size});
}

IceServers ice_servers_for(UserId user, const TurnConfig& config, Timestamp now) {
  IceServers answer;
  if (!config.stun_urls.empty()) answer.ice_servers.push_back({config.stun_urls, {}, {}});
  if (!config.urls.empty() && !config.secret.value.empty()) {
    const auto expiry = std::chrono::floor<Seconds>(now + config.ttl);
    const auto username = std::to_string(expiry.time_since_epoch().count()) + ":" + user.str();
    answer.ice_servers.push_back(
        {config.urls, username, turn_credential(config.secret.value, username)});
    answer.expires_at = expiry;
  }
  return answer;
}

}  // namespace stoa::calls
