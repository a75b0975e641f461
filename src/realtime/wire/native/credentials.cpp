#include "realtime/wire/native/credentials.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace stoa::realtime::native {
namespace {

std::optional<std::string> from_header(const websocket::UpgradeRequest& request) {
  const auto value = request[boost::beast::http::field::authorization];
  const std::string_view text(value.data(), value.size());
  constexpr std::string_view kScheme = "bearer ";
  if (text.size() <= kScheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if ((text[i] | 0x20) != (kScheme[i] | 0x20)) return std::nullopt;
  }
  return std::string(text.substr(kScheme.size()));
}

std::optional<std::string> from_query(const websocket::UpgradeRequest& request) {
  const auto target = request.target();
  const auto url = boost::urls::parse_origin_form({target.data(), target.size()});
  if (url.has_error()) return std::nullopt;
  for (const char* name : {"token", "access_token", "ticket"}) {
    const auto params = url->params();
    const auto found = params.find(name);
    if (found == params.end()) continue;
    std::string value = (*found).value;
    if (!value.empty()) return value;
  }
  return std::nullopt;
}

}  // namespace

Handshake read_handshake(const websocket::UpgradeRequest& request) {
  Handshake out;
  out.token = from_header(request);
  if (!out.token) out.token = from_query(request);
  constexpr std::string_view kBearer = "bearer.";
  for (const std::string_view protocol : websocket::offered_protocols(request)) {
    if (protocol == kProtocol) out.offers_protocol = true;
    if (!out.token && protocol.starts_with(kBearer) && protocol.size() > kBearer.size()) {
      out.token = std::string(protocol.substr(kBearer.size()));
    }
  }
  return out;
}

}  // namespace stoa::realtime::native
