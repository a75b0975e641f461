#pragma once
// How a session is told that another has got its place: on its own shard, where it is still there.
#include "realtime/admission.hpp"
#include "realtime/local_hub.hpp"

#include <stoa/realtime/hub.hpp>

#include <memory>
#include <utility>

#include <boost/asio/post.hpp>

namespace stoa::realtime {

// `Closable`: what has close(CloseReason). The hub outlives what is answered.
template <class Closable>
Admission::GiveWay close_to_give_way(LocalHub& local, std::weak_ptr<Closable> closable) {
  return [local = &local, self = std::move(closable)] {
    asio::post(local->shard().context, [self] {
      if (const auto session = self.lock()) session->close(kGivesWay);
    });
  };
}

}  // namespace stoa::realtime
