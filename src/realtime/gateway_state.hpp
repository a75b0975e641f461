#pragma once
// What the gateway, its shards' hubs and the codecs share. Made by the Gateway; every connection keeps it
// alive, so that a connection's end never meets a hub that is gone.
#include "realtime/admission.hpp"
#include "realtime/local_hub.hpp"
#include "realtime/recovery.hpp"

#include <stoa/core/authenticator.hpp>
#include <stoa/core/config.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/realtime/endpoint.hpp>
#include <stoa/realtime/hub.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace stoa::realtime {

enum class Phase { starting, serving, draining };

class NodeHub final : public Hub {
 public:
  NodeHub(std::vector<std::unique_ptr<LocalHub>>& locals, const config::SocketIo& recovery)
      : locals_(locals), log_(recovery) {}

  void publish(std::vector<Publication> publications) override;
  void send(SessionId to, std::string_view event, std::string payload) override;
  void close(SessionId session, CloseReason why) override;
  void evict(const Topic& topic, UserId user) override;
  void dissolve(const Topic& topic) override;
  void close_user(UserId user, CloseReason why) override;
  void close_sign_in(AuthSessionId sign_in, CloseReason why) override;

  // From now on what is published is kept for a while.
  void keep_log();
  struct Missed {
    std::vector<std::pair<Batch, std::size_t>> publications;
    std::uint64_t up_to;  // the last number given when this was read
  };
  // What came on the topics after `number`; empty where that is too long ago.
  std::optional<Missed> missed(std::uint64_t number, std::span<const Topic> topics);

 private:
  template <class Work>
  void on_each(const Work& work);

  std::vector<std::unique_ptr<LocalHub>>& locals_;
  // Held while one call is put into the mailboxes, so that all shards see all calls in one order.
  std::mutex order_;
  std::uint64_t published_ = 0;
  PublicationLog log_;
};

struct GatewayState {
  GatewayState(net::Runtime& runtime, const Config& config);

  net::Runtime& runtime;
  const Config& config;
  Admission admission;
  std::vector<std::unique_ptr<LocalHub>> locals;  // by the shard's index
  NodeHub hub;
  LostSessions lost;
  std::atomic<Phase> phase{Phase::starting};
  // Written before the phase says serving.
  std::vector<const Endpoint*> endpoints;
  Authenticator* authenticator = nullptr;
  std::size_t counted_events = 0;  // of all endpoints
  // Run on each shard, with its number, when the gateway drains.
  std::vector<std::function<void(std::size_t)>> on_drain;
  std::atomic<std::uint64_t> next_session{1};
  std::atomic<std::uint64_t> upgrades_refused{0};
};

}  // namespace stoa::realtime
