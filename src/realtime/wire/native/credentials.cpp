#include "realtime/wire/native/credentials.hpp"

#include "realtime/bearer.hpp"

#include <stoa/core/query_parameters.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include <boost/beast/http/field.hpp>

namespace stoa::realtime::native {
namespace {

std::optional<std::string> from_header(const websocket::UpgradeRequest& request) {
  const auto value = request[boost::beast::http::field::authorization];
  const std::string_view text(value.data(), value.size());
  const std::string_view token = without_bearer(text);
  if (token.empty() || token.size() == text.size()) return std::nullopt;  // none, or another scheme
  return std::string(token);
}

std::optional<std::string> from_query(const websocket::UpgradeRequest& request) {
  const auto target = request.target();
  auto params = query_parameters(query_of({target.data(), target.size()}));
  for (const std::string_view name : {"token", "access_token", "ticket"}) {
    const auto found = std::find_if(params.begin(), params.end(),
                                    [name](const auto& one) { return one.first == name; });
    if (found != params.end() && !found->second.empty()) return std::move(found->second);
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
