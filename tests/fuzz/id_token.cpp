// ID tokens whose header and claims are whatever comes: read, or refused as no token.
#include <stoa/core/base64.hpp>
#include <stoa/oidc/id_token.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(all.find('\n'), all.size());
  const auto header = stoa::base64url_encode(all.substr(0, end));
  const auto claims = stoa::base64url_encode(all.substr(std::min(end + 1, all.size())));
  const stoa::oidc::Rules rules{
      {"https://id.example.org"}, {"stoa"}, {}, {stoa::oidc::Algorithm::RS256}, {}};
  for (const std::string& text : {std::string(all), header + '.' + claims + ".c2lnbmVk"}) {
    const auto said = stoa::oidc::said_in(text);
    try {
      const auto token = stoa::oidc::read_id_token(text);
      if (!said || said->issuer != token.claims.issuer) std::abort();
      stoa::oidc::check(token, rules, std::nullopt);
      if (token.claims.subject.empty() || token.signature.empty()) std::abort();
    } catch (const stoa::oidc::Refused&) {
    }
  }
  return 0;
}
