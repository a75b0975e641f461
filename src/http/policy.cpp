#include "http/policy.hpp"

#include <string_view>

namespace stoa::http {
namespace {

constexpr std::string_view kCommon =
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Origin-Agent-Cluster: ?1\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-DNS-Prefetch-Control: off\r\n"
    "X-Download-Options: noopen\r\n"
    "X-Frame-Options: DENY\r\n"
    "X-Permitted-Cross-Domain-Policies: none\r\n"
    "X-XSS-Protection: 0\r\n";

constexpr std::string_view kOwnPagesOnly = "Cross-Origin-Resource-Policy: same-origin\r\n";
// Scripts and answers that pages of other origins load.
constexpr std::string_view kAnyPage = "Cross-Origin-Resource-Policy: cross-origin\r\n";

constexpr std::string_view kHsts =
    "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n";

constexpr std::string_view kApi =
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

constexpr std::string_view kPages =
    "Content-Security-Policy: default-src 'self'; connect-src 'self' ws: wss:; "
    "img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'\r\n";

}  // namespace

Policy::Policy(bool hsts) {
  for (std::string* lines : {&api_, &pages_, &shared_}) {
    lines->append(lines == &pages_ ? kPages : kApi).append(kCommon);
    lines->append(lines == &shared_ ? kAnyPage : kOwnPagesOnly);
    if (hsts) lines->append(kHsts);
  }
}

}  // namespace stoa::http
