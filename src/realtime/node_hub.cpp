#include "realtime/node_hub.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace stoa::realtime {
namespace {

// The session that a command is for, where it is for one.
const SessionId* receiver_of(const Command& command) {
  if (const auto* one = std::get_if<SendToSession>(&command)) return &one->to;
  if (const auto* one = std::get_if<Relayed>(&command)) return &one->to;
  if (const auto* one = std::get_if<CloseSession>(&command)) return &one->session;
  return nullptr;
}

// Does on its shard what a command says.
struct Obeying {
  NodeHub& node;
  LocalHub& hub;
  LostSessions& lost;
  void operator()(const SendToSession& it) { hub.send(it.to.number, it.event, it.payload); }
  void operator()(const Relayed& it) {
    const bool taken = hub.relay(it);
    if (!taken && !it.refusal.empty()) node.send(it.from, it.refusal, it.refusal_payload);
  }
  void operator()(const CloseSession& it) { hub.close(it.session.number, it.why); }
  // On every shard: one that is lost there a moment before this is among them by now.
  void operator()(const EvictUser& it) {
    hub.evict(it.topic, it.user);
    lost.evict(it.topic, it.user);
  }
  void operator()(const DissolveTopic& it) { hub.dissolve(it.topic); }
  void operator()(const CloseUser& it) { hub.close_user(it.user, it.why); }
  void operator()(const CloseSignIn& it) { hub.close_sign_in(it.sign_in, it.why); }
};

}  // namespace

// ---- Publications ---------------------------------------------------------------------------------------

void NodeHub::publish(std::vector<Publication> publications) {
  if (publications.empty()) return;
  const Batch batch = std::make_shared<const std::vector<Publication>>(std::move(publications));
  const std::lock_guard lock(order_);
  bring(batch);
  broker_.publish(batch);
}

void NodeHub::deliver(const Batch& batch) {
  if (batch->empty()) return;
  const std::lock_guard lock(order_);
  bring(batch);
}

void NodeHub::bring(const Batch& batch) {
  const std::uint64_t first = published_ + 1;
  published_ += batch->size();
  log_.add(batch, first, PublicationLog::Clock::now());
  for (const auto& local : locals_) {
    const bool wanted = std::any_of(batch->begin(), batch->end(), [&](const Publication& one) {
      return local->filter.may_have(one.topic);
    });
    if (!wanted) continue;
    local->mail([batch, first](LocalHub& hub) {
      std::uint64_t number = first;
      for (const Publication& publication : *batch) hub.deliver(publication, number++);
    });
  }
}

Task<> NodeHub::listening(std::vector<Topic> topics) {
  return broker_.listening(std::move(topics));
}

void NodeHub::keep_log() {
  if (log_.begun()) return;
  const std::lock_guard lock(order_);
  log_.begin(published_, PublicationLog::Clock::now());
}

// ---- Commands -------------------------------------------------------------------------------------------

void NodeHub::send(SessionId to, std::string_view event, std::string payload) {
  tell(to, SendToSession{to, event, std::move(payload)});
}

void NodeHub::relay(Relayed relayed) {
  const SessionId to = relayed.to;
  tell(to, std::move(relayed));
}

void NodeHub::close(SessionId session, CloseReason why) {
  tell(session, CloseSession{session, why});
}

void NodeHub::evict(const Topic& topic, UserId user) {
  tell_all(EvictUser{topic, user});
}

void NodeHub::dissolve(const Topic& topic) {
  tell_all(DissolveTopic{topic});
}

void NodeHub::close_user(UserId user, CloseReason why) {
  tell_all(CloseUser{user, why});
}

void NodeHub::close_sign_in(AuthSessionId sign_in, CloseReason why) {
  tell_all(CloseSignIn{sign_in, why});
}

void NodeHub::mail(LocalHub& local, Command command) {
  local.mail([this, command = std::move(command)](LocalHub& hub) {
    std::visit(Obeying{*this, hub, lost_}, command);
  });
}

void NodeHub::tell(SessionId to, Command command) {
  if (to.node != node_) {
    const std::lock_guard lock(order_);
    return broker_.tell(to.node, std::move(command));
  }
  if (to.shard < locals_.size()) mail(*locals_[to.shard], std::move(command));
}

void NodeHub::tell_all(const Command& command) {
  const std::lock_guard lock(order_);
  bring_all(command);
  broker_.tell_others(command);
}

void NodeHub::bring_all(const Command& command) {
  for (const auto& local : locals_) mail(*local, command);
}

void NodeHub::obey(const Command& command) {
  if (const SessionId* to = receiver_of(command)) {
    if (to->node == node_) tell(*to, command);  // else it is for another one, and stays undone
    return;
  }
  const std::lock_guard lock(order_);
  bring_all(command);
}

void NodeHub::missed() {
  const std::lock_guard lock(order_);
  // A number that stands for what was missed: whatever a client has heard came before it.
  ++published_;
  if (log_.begun()) log_.forget(published_, PublicationLog::Clock::now());
  for (const auto& local : locals_) {
    local->mail([within = config_.server.shutdown_jitter](LocalHub& hub) {
      hub.send_away(within, within);
    });
  }
}

}  // namespace stoa::realtime
