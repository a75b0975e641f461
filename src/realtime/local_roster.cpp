// The roster of this process alone.
#include "realtime/roster_kind.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace stoa::realtime {
namespace {

// One lock a kind: its limits, its totals and what a session leaves behind go across its places, and nothing goes across
// kinds. An operation is a few look-ups, and what observers enqueue.
class LocalRoster final : public Roster {
  struct Kind {
    Kind(const PlaceKind& kind, RosterObserver& observer, PlaceRules rules)
        : places(kind, observer, std::move(rules)) {}
    std::mutex mutex;
    RosterKind places;  // under the mutex
  };

  template <class Work>
  auto with(const PlaceKind& kind, const Work& work) const {
    const auto found = std::find_if(kinds_.begin(), kinds_.end(), [&kind](const auto& known) {
      return &known->places.kind() == &kind;
    });
    if (found == kinds_.end()) throw std::logic_error("nobody serves this kind of place");
    const std::lock_guard lock((*found)->mutex);
    RosterKind& places = (*found)->places;
    if (places.rules().empty_for.count() > 0) places.tick(clock_());
    return work(places);
  }

 public:
  explicit LocalRoster(RosterClock clock) : clock_(std::move(clock)) {}

  void serve(const PlaceKind& kind, RosterObserver& observer, PlaceRules rules) override {
    for (const auto& known : kinds_) {
      if (known->places.kind().name == kind.name) {
        throw std::logic_error("a kind of place stands there twice: " + std::string(kind.name));
      }
    }
    kinds_.push_back(std::make_unique<Kind>(kind, observer, std::move(rules)));
  }

  Task<> enter(Place place, SessionId session, Decide decide) override {
    with(*place.kind, [&](RosterKind& places) {
      places.enter(place.id, session, places.decide(place.id, decide));
    });
    co_return;
  }

  void leave(const Place& place, SessionId session) override {
    with(*place.kind, [&](RosterKind& places) { places.leave(place.id, session); });
  }
  void leave_all(const PlaceKind& kind, SessionId session) override {
    with(kind, [&](RosterKind& places) { places.leave_all(session); });
  }
  void evict(const Place& place, UserId user, std::string_view note) override {
    with(*place.kind, [&](RosterKind& places) { places.evict(place.id, user, note); });
  }
  void dissolve(const Place& place) override {
    with(*place.kind, [&](RosterKind& places) { places.dissolve(place.id); });
  }

  void look(const Place& place, const Look& look) const override {
    with(*place.kind, [&](const RosterKind& places) { look(places.view(place.id)); });
  }
  std::vector<Place> places_of(const PlaceKind& kind, SessionId session) const override {
    return with(kind, [&](const RosterKind& places) { return places.places_of(session); });
  }
  std::vector<Place> places(const PlaceKind& kind) const override {
    return with(kind, [](const RosterKind& places) { return places.places(); });
  }
  Totals totals(const PlaceKind& kind) const override {
    return with(kind, [](const RosterKind& places) { return places.totals(); });
  }

 private:
  const RosterClock clock_;
  std::vector<std::unique_ptr<Kind>> kinds_;  // fixed before anything runs
};

}  // namespace

std::unique_ptr<Roster> make_local_roster(RosterClock clock) {
  return std::make_unique<LocalRoster>(std::move(clock));
}

}  // namespace stoa::realtime
