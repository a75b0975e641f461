#pragma once
// Another engine of the roster, for tests: several nodes, and one machine beside them that decides the order, as a script
// on Redis would. A node proposes what it has decided by the place as it knows it; the proposal counts where nothing has happened
// there since, else the node hears of that first and decides again. All that nodes hear is text, and comes when the test says so.
//
// A session's shard is its node here. One thread, which is the test's.
#include "realtime/roster_kind.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>

namespace stoa::realtime::test {

class RosterCluster {
 public:
  class Node;

  explicit RosterCluster(asio::io_context& context, std::uint32_t nodes);

  Node& node(std::uint32_t number) { return *nodes_[number]; }
  // Until nobody has anything to say.
  void settle() {
    do {
      context_.restart();
      context_.poll();
    } while (order_next() || deliver_any());
  }
  // What nodes have asked for so far has its place in the order, and nobody has heard of it.
  void order_all() {
    while (order_next()) {
    }
  }
  // The node is dead, and its lease lapses.
  void die(std::uint32_t node) {
    dead_.push_back(node);
    for (Step step : entered_) {
      if (step.origin != node) continue;
      step.what = What::lost;
      inbox_.push_back(std::move(step));
    }
  }

 private:
  enum class What { enter, leave, evict, dissolve, lost };
  struct Step {
    What what;
    std::uint32_t origin = 0;
    const PlaceKind* kind = nullptr;  // its name, between machines
    PlaceId place = {};
    SessionId session = {};
    std::optional<UserId> user = {};
    std::string data = {}, about = {}, note = {};
    std::optional<SessionId> instead_of = {};
    std::uint64_t seen = 0;     // of the place, when it was decided
    std::uint64_t request = 0;  // an enter's
    bool refused = false;
  };
  using Versions = std::unordered_map<Place, std::uint64_t>;

  bool order_next();
  bool deliver_any();

  asio::io_context& context_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::uint32_t> dead_;
  std::deque<Step> inbox_;
  std::vector<Step> entered_;
  Versions versions_;
};

class RosterCluster::Node final : public Roster {
 public:
  Node(RosterCluster& cluster, std::uint32_t number) : cluster_(cluster), number_(number) {}

  void serve(const PlaceKind& kind, RosterObserver& observer, PlaceRules rules) override {
    kinds_.emplace_back(kind, observer, rules);
  }

  Task<> enter(Place place, SessionId session, Decide decide) override {
    const auto entering = pending_.emplace(pending_.end(), Pending{place, session});
    struct Forget {
      std::list<Pending>& all;
      std::list<Pending>::iterator one;
      ~Forget() { all.erase(one); }
    } forget{pending_, entering};
    do {
      Arrival arrival = kind_of(*place.kind).decide(place.id, decide);
      entering->user = arrival.user;
      entering->request = ++requests_;
      entering->outcome = Outcome::none;
      ask({.what = What::enter,
           .kind = place.kind,
           .place = place.id,
           .session = session,
           .user = arrival.user,
           .data = arrival.data.text(),
           .about = arrival.about.text(),
           .note = arrival.note,
           .instead_of = arrival.instead_of,
           .seen = versions_[place],
           .request = entering->request});
      Timer answered(cluster_.context_.get_executor(), Timer::time_point::max());
      entering->answered = &answered;
      boost::system::error_code woken;
      if (entering->outcome == Outcome::none) {
        co_await answered.async_wait(asio::redirect_error(use_task, woken));
      }
      entering->answered = nullptr;
      if (entering->is_ordered_out) throw Error(Code::conflict, "Left before it had come");
    } while (entering->outcome == Outcome::refused);
  }

  void leave(const Place& place, SessionId session) override {
    for (Pending& one : pending_) {
      if (one.session == session && one.place == place) one.is_ordered_out = true;
    }
    ask({.what = What::leave, .kind = place.kind, .place = place.id, .session = session});
  }
  void leave_all(const PlaceKind& kind, SessionId session) override {
    std::vector<Place> places = places_of(kind, session);
    for (const Pending& one : pending_) {
      if (one.session == session && one.place.kind == &kind) places.push_back(one.place);
    }
    for (const Place& place : places) leave(place, session);
  }
  void evict(const Place& place, UserId user, std::string_view note) override {
    ask({.what = What::evict,
         .kind = place.kind,
         .place = place.id,
         .user = user,
         .note = std::string(note)});
  }
  void dissolve(const Place& place) override {
    ask({.what = What::dissolve, .kind = place.kind, .place = place.id});
  }

  void look(const Place& place, const Look& look) const override {
    look(kind_of(*place.kind).view(place.id));
  }
  std::vector<Place> places_of(const PlaceKind& kind, SessionId session) const override {
    return kind_of(kind).places_of(session);
  }
  std::vector<Place> places(const PlaceKind& kind) const override { return kind_of(kind).places(); }
  Totals totals(const PlaceKind& kind) const override { return kind_of(kind).totals(); }

 private:
  friend class RosterCluster;
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Executor>;
  enum class Outcome { none, accepted, refused };
  struct Pending {
    Place place;
    SessionId session;
    std::optional<UserId> user = {};
    std::uint64_t request = 0;
    Outcome outcome = Outcome::none;
    bool is_ordered_out = false;
    Timer* answered = nullptr;
  };

  const RosterKind& kind_of(const PlaceKind& kind) const {
    for (const RosterKind& one : kinds_) {
      if (&one.kind() == &kind) return one;
    }
    throw std::logic_error("nobody serves this kind of place");
  }
  RosterKind& kind_of(const PlaceKind& kind) {
    return const_cast<RosterKind&>(std::as_const(*this).kind_of(kind));
  }

  void ask(Step step) {
    step.origin = number_;
    cluster_.inbox_.push_back(std::move(step));
  }

  // The next of what the other machine has said.
  void hear(const Step& step) {
    const bool mine = step.origin == number_;
    if (!step.refused) apply(step);
    if (step.what != What::enter || !mine) return;
    for (Pending& one : pending_) {
      if (one.request != step.request) continue;
      one.outcome = step.refused ? Outcome::refused : Outcome::accepted;
      if (one.answered != nullptr) one.answered->cancel();
    }
  }

  void apply(const Step& step) {
    RosterKind& kind = kind_of(*step.kind);
    ++versions_[{step.kind, step.place}];
    switch (step.what) {
      case What::enter:
        kind.enter(step.place, step.session,
                   {.user = step.user,
                    .data = RosterData::parse(step.kind->data, step.data),
                    .about = RosterData::parse(step.kind->about, step.about),
                    .instead_of = step.instead_of,
                    .note = step.note},
                   step.origin == number_);
        break;
      case What::leave:
      case What::lost:
        kind.leave(step.place, step.session, step.what == What::lost ? Out::lost : Out::left);
        break;
      case What::evict:
        order_out(step, [&](const Pending& one) { return one.user == step.user; });
        kind.evict(step.place, *step.user, step.note);
        break;
      case What::dissolve:
        order_out(step, [](const Pending&) { return true; });
        kind.dissolve(step.place);
        break;
    }
  }

  template <class Goes>
  void order_out(const Step& step, const Goes& goes) {
    for (Pending& one : pending_) {
      const bool here = one.place == Place{step.kind, step.place};
      if (here && one.outcome != Outcome::accepted && goes(one)) one.is_ordered_out = true;
    }
  }

  RosterCluster& cluster_;
  const std::uint32_t number_;
  std::list<RosterKind> kinds_;
  std::list<Pending> pending_;
  std::uint64_t requests_ = 0;
  Versions versions_;
  std::deque<Step> heard_;  // on its way here
};

inline RosterCluster::RosterCluster(asio::io_context& context, std::uint32_t nodes)
    : context_(context) {
  for (std::uint32_t i = 0; i < nodes; ++i) nodes_.push_back(std::make_unique<Node>(*this, i));
}

inline bool RosterCluster::order_next() {
  if (inbox_.empty()) return false;
  Step step = std::move(inbox_.front());
  inbox_.pop_front();
  std::uint64_t& version = versions_[{step.kind, step.place}];
  step.refused = step.what == What::enter && step.seen != version;
  if (!step.refused) {
    ++version;
    if (step.what == What::enter) entered_.push_back(step);
  }
  for (const auto& node : nodes_) node->heard_.push_back(step);
  return true;
}

inline bool RosterCluster::deliver_any() {
  bool any = false;
  for (const auto& node : nodes_) {
    if (node->heard_.empty()) continue;
    const Step step = std::move(node->heard_.front());
    node->heard_.pop_front();
    const bool is_dead = std::find(dead_.begin(), dead_.end(), node->number_) != dead_.end();
    if (!is_dead) node->hear(step);
    any = true;
  }
  return any;
}

}  // namespace stoa::realtime::test
