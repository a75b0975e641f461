// What PeerServer serves over HTTP. Where that is the configuration says, with "/peerjs" by default:
//   GET /peerjs               what it is
//   GET /peerjs/{key}/id      an id that nobody has, whatever the key; also GET /{key}/id
//   GET /peerjs/{key}/peers   who is connected, where that is allowed; also GET /{key}/peers
#include "features/peerserver/peerserver_types.hpp"

#include <stoa/peerserver/peerserver.hpp>

namespace stoa::peerserver {

http::Routes peerserver_routes(PeerServer& server) {
  http::Routes routes;
  const auto add = [&](const std::string& path, std::string_view summary, http::Endpoint endpoint) {
    routes.push_back({http::Method::get, path, Who::anyone, Limit::read, summary,
                      std::move(endpoint), http::RouteKind::open});
  };
  const PeerServer::Paths& paths = server.paths();
  if (!paths.about.empty()) {
    add(paths.about, "What it is", http::endpoint<&PeerServer::describe>(server));
  }
  for (const auto& path : paths.ids) {
    add(path, "An id that nobody has", http::endpoint<&PeerServer::create_id>(server));
  }
  for (const auto& path : paths.peers) {
    add(path, "Who is connected", http::endpoint<&PeerServer::list_peers>(server));
  }
  return routes;
}

}  // namespace stoa::peerserver
