// What status serves over sockets.
#include <stoa/status/status.hpp>

namespace stoa::status {

realtime::Events status_events(Status& status) {
  return {
      {"heartbeat", Who::anyone, Limit::none, realtime::Order::flowing,
       "Is this connection still there?", realtime::on<&Status::heartbeat>(status)},
  };
}

}  // namespace stoa::status
