#pragma once
// The hub of a node: brings publications and commands to the shards of this node, and hands them to the broker for the
// others; what others hand over comes in by the Inlet and goes the same way. Any thread.
//
// Publications are numbered here, where they are heard: by one number a client that comes back names all that it has
// heard on any topic, from whichever node. So a number says something on this node alone, and is told together with it.
#include "realtime/local_hub.hpp"
#include "realtime/publication_log.hpp"
#include "realtime/recovery.hpp"

#include <stoa/core/config.hpp>
#include <stoa/realtime/broker.hpp>
#include <stoa/realtime/hub.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace stoa::realtime {

class NodeHub final : public Hub, public Inlet {
 public:
  // All must outlive it.
  NodeHub(NodeId node, std::vector<std::unique_ptr<LocalHub>>& locals, LostSessions& lost,
          Broker& broker, const Config& config)
      : node_(node),
        locals_(locals),
        lost_(lost),
        broker_(broker),
        config_(config),
        log_(config.socketio) {}

  // ---- Hub ----
  void publish(std::vector<Publication> publications) override;
  void send(SessionId to, std::string_view event, std::string payload) override;
  void relay(Relayed relayed) override;
  void close(SessionId session, CloseReason why) override;
  void evict(const Topic& topic, UserId user) override;
  void dissolve(const Topic& topic) override;
  void close_user(UserId user, CloseReason why) override;
  void close_sign_in(AuthSessionId sign_in, CloseReason why) override;
  Task<> listening(std::vector<Topic> topics) override;

  // ---- Inlet ----
  void deliver(const Batch& batch) override;
  void obey(const Command& command) override;
  // What came before cannot be resumed from, and each session is sent away, to come back and read what it lacks.
  void missed() override;

  // From now on what is published is kept for a while.
  void keep_log();
  const PublicationLog& log() const noexcept { return log_; }

 private:
  void tell(SessionId to, Command command);
  void tell_all(const Command& command);
  void mail(LocalHub& local, Command command);
  // Both with the lock held.
  void bring(const Batch& batch);
  void bring_all(const Command& command);

  const NodeId node_;
  std::vector<std::unique_ptr<LocalHub>>& locals_;
  LostSessions& lost_;
  Broker& broker_;
  const Config& config_;
  // Held while one call is put into the mailboxes and handed to the broker, so that all shards, and each other node, get all
  // calls in one order.
  std::mutex order_;
  std::uint64_t published_ = 0;
  PublicationLog log_;
};

}  // namespace stoa::realtime
