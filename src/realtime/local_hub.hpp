#pragma once
// One shard's part of the hub: its sessions, who of them hears which topic, the timer wheel and the
// counters. Everything here is used on the shard only, but for `filter` and `counters`, which other
// threads read.
#include "realtime/codec.hpp"
#include "realtime/counters.hpp"
#include "realtime/outbound.hpp"
#include "realtime/timers.hpp"

#include <stoa/core/config.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/realtime/broker.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <random>
#include <unordered_map>
#include <vector>

namespace stoa::realtime {

class ClientSession;

// The receivers of a topic on this shard. A member knows its place in its session's list and the other
// way round, so that both leave in constant time.
struct Subscribers {
  struct Member {
    ClientSession* session;
    std::uint32_t slot;  // in the session's subscriptions
    bool held;
    // What has a seq up to here was in the history that the session was answered: a commit can be read before
    // its publication arrives.
    std::int64_t floor = -1;
  };
  Topic topic;
  std::vector<Member> members;
};

// Says without a lock that a shard surely has no subscriber of a topic, so that nothing is posted to it.
// Counts by hash: topics that share a slot cost a post in vain and nothing else.
class TopicFilter {
 public:
  void add(const Topic& topic) noexcept { slot(topic).fetch_add(1); }
  void remove(const Topic& topic) noexcept { slot(topic).fetch_sub(1); }
  // Sequentially consistent with add(): a session that subscribes and then reads the database sees each row whose
  // publisher did not see the subscription.
  bool may_have(const Topic& topic) const noexcept {
    return counts_[std::hash<Topic>{}(topic) % kSlots].load() > 0;
  }

 private:
  static constexpr std::size_t kSlots = 8191;
  std::atomic<std::uint32_t>& slot(const Topic& topic) noexcept {
    return counts_[std::hash<Topic>{}(topic) % kSlots];
  }
  std::array<std::atomic<std::uint32_t>, kSlots> counts_{};
};

class LocalHub {
 public:
  // Tells the broker which topics are listened to here.
  LocalHub(net::Shard& shard, Broker& broker);

  net::Shard& shard() noexcept { return shard_; }
  Flusher& flusher() noexcept { return flusher_; }
  // Where the sockets of this shard read to; its content is good until the next co_await.
  std::vector<char>& scratch() noexcept { return scratch_; }

  // Any thread. Errands are done on the shard, in the order in which they were given. A post alone would not keep
  // it: what the shard posts to itself goes behind what others post meanwhile.
  using Errand = std::function<void(LocalHub&)>;
  void mail(Errand errand);

  void enter(ClientSession& session);
  void leave(ClientSession& session);
  void schedule(ClientSession& session, Clock::time_point when);
  Task<> run_timers();

  Subscribers& subscribe(ClientSession& session, const Topic& topic, std::uint32_t slot);
  // Takes the member at `index` off; the last one moves into its place.
  void unsubscribe(Subscribers& subscribers, std::uint32_t index);
  Subscribers* find(const Topic& topic);
  // The last publication that was delivered here; whatever came before it for this shard was as well.
  std::uint64_t delivered() const noexcept { return delivered_; }

  // `number`: its place among all that have reached this node.
  void deliver(const Publication& publication, std::uint64_t number);
  void send(std::uint64_t session, std::string_view event, std::string_view payload);
  // False: the receiver's queue has no room for it.
  bool relay(const Relayed& relayed);
  void close(std::uint64_t session, const CloseReason& why);
  void evict(const Topic& topic, UserId user);
  void dissolve(const Topic& topic);
  void close_user(UserId user, const CloseReason& why);
  void close_sign_in(AuthSessionId sign_in, const CloseReason& why);
  // Says goodbye to each session, and closes it at a moment of its own within `window`; it is asked to come back
  // within `jitter`.
  void send_away(Duration window, Duration jitter);

  TopicFilter filter;
  ShardCounters counters;

 private:
  void run_errands();

  static constexpr std::size_t kScratch = 64 * config::kKiB;

  net::Shard& shard_;
  Broker& broker_;
  Flusher flusher_;
  Timers timers_;
  std::unordered_map<std::uint64_t, ClientSession*> sessions_;
  std::unordered_map<Topic, Subscribers> topics_;
  std::vector<char> scratch_;
  std::mutex mailbox_;
  std::vector<Errand> mail_;     // under mailbox_
  bool is_mail_posted_ = false;  // under mailbox_
  std::vector<Errand> errands_;  // at work; kept for its room
  std::uint64_t delivered_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace stoa::realtime
