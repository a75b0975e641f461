#include "realtime/local_hub.hpp"

#include "realtime/client_session.hpp"
#include "realtime/gateway_state.hpp"

#include <random>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>

namespace stoa::realtime {

LocalHub::LocalHub(net::Shard& shard, Broker& broker)
    : shard_(shard),
      broker_(broker),
      flusher_(shard.context.get_executor(), shard.waiting),
      timers_(shard.context.get_executor()),
      scratch_(kScratch) {}

void LocalHub::mail(Errand errand) {
  const std::lock_guard lock(mailbox_);
  mail_.push_back(std::move(errand));
  if (!std::exchange(is_mail_posted_, true)) {
    asio::post(shard_.context, [this] { run_errands(); });
  }
}

void LocalHub::run_errands() {
  {
    const std::lock_guard lock(mailbox_);
    is_mail_posted_ = false;
    errands_.swap(mail_);
  }
  for (const Errand& errand : errands_) errand(*this);
  errands_.clear();
}

void LocalHub::enter(ClientSession& session) {
  sessions_.emplace(session.id().number, &session);
  counters.sessions.add();
  counters.sessions_opened.add();
}

void LocalHub::leave(ClientSession& session) {
  if (sessions_.erase(session.id().number) > 0) counters.sessions.subtract();
}

void LocalHub::schedule(ClientSession& session, Clock::time_point when) {
  session.scheduled(timers_.schedule(session.id().number, when));
}

Task<> LocalHub::run_timers() {
  return timers_.run([this](std::uint64_t session, Clock::time_point now, std::uint64_t tick) {
    const auto found = sessions_.find(session);
    if (found != sessions_.end()) found->second->on_timer(now, tick);
  });
}

Subscribers& LocalHub::subscribe(ClientSession& session, const Topic& topic, std::uint32_t slot) {
  auto [place, is_new] = topics_.try_emplace(topic);
  if (is_new) {
    place->second.topic = topic;
    broker_.listen(topic);
  }
  place->second.members.push_back({&session, slot, false});
  filter.add(topic);
  counters.subscriptions.add();
  return place->second;
}

void LocalHub::unsubscribe(Subscribers& subscribers, std::uint32_t index) {
  const Topic topic = subscribers.topic;
  auto& members = subscribers.members;
  if (index + 1 < members.size()) {
    members[index] = members.back();
    members[index].session->member_moved(members[index].slot, index);
  }
  members.pop_back();
  filter.remove(topic);
  counters.subscriptions.subtract();
  if (!members.empty()) return;
  topics_.erase(topic);
  broker_.unlisten(topic);
}

Subscribers* LocalHub::find(const Topic& topic) {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : &found->second;
}

void LocalHub::deliver(const Publication& publication, std::uint64_t number) {
  delivered_ = number;
  Subscribers* subscribers = find(publication.topic);
  if (subscribers == nullptr) return;
  std::array<Frame, kMaxCodecs> frames;
  // Nobody leaves the list meanwhile: a session that is closed here leaves it in its own coroutine.
  for (const Subscribers::Member& member : subscribers->members) {
    ClientSession& session = *member.session;
    if (number <= session.heard_up_to()) continue;
    if (publication.except && session.id() == *publication.except) continue;
    if (publication.seq && *publication.seq <= member.floor) continue;
    Frame& frame = frames[session.codec().slot()];
    if (!frame) {
      frame = session.codec().encode_event(publication.event, publication.payload, number);
    }
    if (member.held && publication.seq) {
      session.hold(member.slot, *publication.seq, frame);
    } else {
      session.push(frame);
    }
  }
}

void LocalHub::send(std::uint64_t session, std::string_view event, std::string_view payload) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  ClientSession& to = *found->second;
  to.push(to.codec().encode_event(event, payload, to.known()));
}

bool LocalHub::relay(const Relayed& relayed) {
  const auto found = sessions_.find(relayed.to.number);
  if (found == sessions_.end()) return true;
  ClientSession& to = *found->second;
  const Frame frame = to.codec().encode_event(relayed.event, relayed.payload, to.known());
  return to.push_of(relayed.sender, frame);
}

void LocalHub::close(std::uint64_t session, const CloseReason& why) {
  const auto found = sessions_.find(session);
  if (found != sessions_.end()) found->second->close(why);
}

void LocalHub::evict(const Topic& topic, UserId user) {
  Subscribers* subscribers = find(topic);
  if (subscribers == nullptr) return;
  std::vector<ClientSession*> leaving;
  for (const auto& member : subscribers->members) {
    const auto& caller = member.session->caller();
    if (caller && caller->user == user) leaving.push_back(member.session);
  }
  for (ClientSession* session : leaving) session->unsubscribe(topic);
}

void LocalHub::dissolve(const Topic& topic) {
  while (Subscribers* subscribers = find(topic)) {
    subscribers->members.back().session->unsubscribe(topic);
  }
}

void LocalHub::close_user(UserId user, const CloseReason& why) {
  for (const auto& [number, session] : sessions_) {
    if (session->ends_with(user)) session->close(why);
  }
}

void LocalHub::close_sign_in(AuthSessionId sign_in, const CloseReason& why) {
  for (const auto& [number, session] : sessions_) {
    if (session->ends_with(sign_in)) session->close(why);
  }
}

void LocalHub::send_away(Duration window, Duration jitter) {
  // At the least between the notice and the closing: a client may be about to change its transport.
  constexpr Duration kNotice{50};
  const auto now = Clock::now();
  const auto pick = [this](Duration most) {
    return Duration(std::uniform_int_distribution<std::int64_t>(0, most.count())(random_));
  };
  for (const auto& [number, session] : sessions_) {
    const auto reconnect_in = pick(jitter);
    session->send("server_closing",
                  "{\"reconnectInMs\":" + std::to_string(reconnect_in.count()) + "}");
    session->close_at(now + kNotice + pick(window));
  }
}

}  // namespace stoa::realtime
