// What the server serves over REST: one line a feature.
#include "app/features.hpp"

namespace stoa::app {

std::vector<http::Routes> all_routes(Features features) {
  return {
      status::status_routes(features.status), auth::auth_routes(features.auth),
      users::users_routes(features.users),    rooms::rooms_routes(features.rooms),
      chat::chat_routes(features.chat),       calls::calls_routes(features.calls),
      groups::groups_routes(features.groups), peerserver::peerserver_routes(features.peerserver),
  };
}

}  // namespace stoa::app
