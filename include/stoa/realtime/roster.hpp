#pragma once
// Who is at which place: in a room, in a call, in a group, at a PeerJS id. A feature brings a session to a place, the roster
// tells the feature what has changed, and the feature tells the others:
//
//   roster.serve(kCallPlace, *this);                                      // once, before anything runs
//   Roster::Decide take_seat = [=](const PlaceView& call) {
//     if (call.entries.size() >= most) throw Error(rooms::kRoomFull);
//     return Arrival{.user = user, .data = RosterData::of(Seat{...})};
//   };
//   co_await roster.enter({&kCallPlace, room.uuid}, session, std::move(take_seat));
//
// Every node has all of the roster in memory, so what reads answers at once, as this node knows it. What decides may
// have to ask another machine, and is a Task. What takes people out is an order: it returns at once, since it follows from
// commits and ends, which cannot wait.
//
// - **One order a place.** The changes of a place have one order, the same on every node. Observers are called in it, on every
//   node, and nothing else happens at that place meanwhile; so each of those who are there hears of the others in one order.
// - **Orders and enters.** What one node asks about a session is done in the order in which it asked. An order that comes while
//   an enter is under way is about that as well: the session is not there afterwards, and enter() throws Error{conflict}.
// - **A session ends once.** The feature lets it leave_all() when it has ended, and brings none that is not open: after
//   co_await enter() it looks whether the session still is, where no event of that session is under way.
// - **The lease.** An entry belongs to the node of its session, which renews all of its own at a time. A node that dies, or is cut
//   off for longer than the lease, has its entries taken out by the others (Out::lost). A leave names its session, whose id is never
//   used twice, so one that comes late takes nobody else out.
//
// Owned by the composition root; all members may be called from any thread, but for serve().
#include <stoa/core/error.hpp>
#include <stoa/core/task.hpp>
#include <stoa/realtime/place.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::realtime {

// What a decision brings in, or changes it to where the session is there already: then it keeps its place in the order.
struct Arrival {
  std::optional<UserId> user = {};
  RosterData data = {};   // of the kind's type
  RosterData about = {};  // of a place that begins with it
  // Goes in the same step. The session itself: it comes anew, as the last.
  std::optional<SessionId> instead_of = {};
  std::string note =
      {};  // for the observers, and not kept; of kMaxRosterText bytes at most, as is what is kept
};

inline constexpr std::size_t kMaxRosterText = 16 * 1024;

struct Change {
  const Place& place;
  const Entry& entry;
  const PlaceView& now;  // afterwards: without who left
  std::string_view note;
};

enum class Out { left, replaced, evicted, dissolved, lost };

// Called as the roster describes, under its lock: may look at nothing else in the roster, may enqueue (hub.send, hub.publish), and
// may take a lock under which nobody calls the roster. On each node it tells those alone who are `here`.
class RosterObserver {
 public:
  virtual ~RosterObserver() = default;
  virtual void entered(const Change&) {}
  virtual void changed(const Change&) {}
  // Of several who go at a time, `now` is without all of them.
  virtual void left(const Change&, Out) {}
  // After those who left by it, and where there were none as well.
  virtual void evicted(const Place&, UserId, std::string_view /*note*/) {}
};

struct PlaceRules {
  // A place more is refused with `full`, unless one is empty: then the one that has been for longest is forgotten.
  std::size_t max_places = std::numeric_limits<std::size_t>::max();
  Code full = Code::overloaded;
  // How long a place without anybody is kept, with what is known about it.
  std::chrono::milliseconds empty_for{0};
};

class Roster {
 public:
  // A function of who is there: it may run again when somebody else was quicker, under the roster's lock, so it may look at nothing
  // else in the roster and must not block. What it leaves elsewhere, such as an answer, is what its last run left.
  using Decide = std::function<Arrival(const PlaceView& present)>;
  using Look = std::function<void(const PlaceView&)>;

  virtual ~Roster() = default;

  // The observer outlives whoever calls the roster. A second kind of one name: std::logic_error.
  virtual void serve(const PlaceKind& kind, RosterObserver& observer, PlaceRules rules = {}) = 0;

  // Throws what `decide` throws, and then nothing has changed; the kind's `full`; Error{too_large}; Error{conflict} as said
  // above. Goes on, on the caller's shard, before anything reaches the session that was sent because of later changes.
  virtual Task<> enter(Place place, SessionId session, Decide decide) = 0;

  virtual void leave(const Place& place, SessionId session) = 0;
  virtual void leave_all(const PlaceKind& kind, SessionId session) = 0;
  // All sessions of the user. The note is the observers'.
  virtual void evict(const Place& place, UserId user, std::string_view note = {}) = 0;
  // Everybody, and what was known about the place.
  virtual void dissolve(const Place& place) = 0;

  // Runs `look` once, under the roster's lock: it may look at nothing else in the roster.
  virtual void look(const Place& place, const Look& look) const = 0;
  // In the order of its coming to them.
  virtual std::vector<Place> places_of(const PlaceKind& kind, SessionId session) const = 0;
  virtual std::vector<Place> places(const PlaceKind& kind) const = 0;
  struct Totals {
    std::size_t places = 0;  // with those that are kept without anybody
    std::size_t entries = 0;
    std::size_t users = 0;  // each once
  };
  virtual Totals totals(const PlaceKind& kind) const = 0;

  std::optional<Entry> find(const Place& place, SessionId session) const;
  bool is_there(const Place& place, UserId user) const;
  std::size_t count_users(const Place& place) const;
  std::vector<UserId> users(const Place& place) const;
};

// Of this process alone: it decides at once and never suspends. The clock is for places that are kept empty.
using RosterClock = std::function<std::chrono::steady_clock::time_point()>;
std::unique_ptr<Roster> make_local_roster(RosterClock clock = &std::chrono::steady_clock::now);

}  // namespace stoa::realtime
