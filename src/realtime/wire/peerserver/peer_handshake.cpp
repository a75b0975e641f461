#include "realtime/wire/peerserver/peer_handshake.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace stoa::realtime::peerserver {

PeerHandshake read_handshake(const websocket::UpgradeRequest& request) {
  PeerHandshake out;
  const auto target = request.target();
  const auto url = boost::urls::parse_origin_form({target.data(), target.size()});
  if (url.has_error()) return out;
  for (const auto& param : url->params()) {
    if (param.key == "id") out.id = param.value;
    if (param.key == "token") out.token = param.value;
    if (param.key == "key") out.key = param.value;
  }
  return out;
}

}  // namespace stoa::realtime::peerserver
