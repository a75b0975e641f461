#include <stoa/net/connection_count.hpp>
#include <stoa/net/networks.hpp>

#include <atomic>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

#include <boost/intrusive/list.hpp>

namespace stoa::net {
namespace {

namespace intrusive = boost::intrusive;

// The key of a connection that is counted in all only; client_key() makes no such one.
constexpr std::uint64_t kExempt = 0xFFFFFFFEFFFFFFFFU;
// So many that have given way and are not closed yet hold a file descriptor beside those that are counted.
constexpr std::size_t kMostLeaving = 256;

// Of a place's word, beside its standing.
constexpr std::uint8_t kStanding = 1, kListed = 2, kGone = 4;

constexpr std::uint8_t bits(Standing standing) noexcept {
  return static_cast<std::uint8_t>(standing);
}

}  // namespace

// The word alone is changed by the connection without the lock, but for kListed; lists, and all else, are guarded by it. A
// place stays listed while it is firm, until somebody looks for one that gives way: so a request costs no lock.
struct ConnectionCount::Place
    : intrusive::list_base_hook<intrusive::link_mode<intrusive::auto_unlink>> {
  explicit Place(std::uint64_t from) : key(from) {}
  const std::uint64_t key;
  GiveWay give_way;
  std::atomic<std::uint8_t> word{bits(Standing::firm)};
};

struct ConnectionCount::State {
  using List = intrusive::list<Place, intrusive::constant_time_size<false>>;
  using Sizes = std::set<std::pair<std::size_t, std::uint64_t>>;  // how many, and whose
  struct Address {
    std::size_t count = 0;
    List waiting;  // by their coming, or by when they began to wait again after somebody looked
    // Its entry among the sizes, while nothing of it gives way.
    Sizes::node_type parked;
  };

  State(std::size_t in_all, std::size_t each) : most(in_all), most_per_address(each) {}

  void set_count(std::uint64_t key, Address& address, std::size_t count) noexcept {
    if (!address.parked) {
      auto entry = sizes.extract(Sizes::value_type(address.count, key));
      entry.value().first = count;
      sizes.insert(std::move(entry));
    } else {
      address.parked.value().first = count;
    }
    address.count = count;
  }

  void leave(std::uint64_t key) noexcept {
    total.fetch_sub(1, std::memory_order_relaxed);
    if (key != kExempt) leave_address(key, by_address.at(key));
  }

  void leave_address(std::uint64_t key, Address& address) noexcept {
    if (address.count > 1) return set_count(key, address, address.count - 1);
    forget(key, address);
  }

  void forget(std::uint64_t key, const Address& address) noexcept {
    if (!address.parked) sizes.erase(Sizes::value_type(address.count, key));
    by_address.erase(key);
  }

  void enlist(Place& place) noexcept {
    Address& address = by_address.at(place.key);
    place.word.fetch_or(kListed, std::memory_order_acq_rel);
    address.waiting.push_back(place);
    if (address.parked) sizes.insert(std::move(address.parked));
  }

  // Takes out the oldest of the address that waits, whatever for: a newcomer is silent too, while its request is on the
  // way. Null where none does.
  static Place* displace_of(Address& address) noexcept {
    while (!address.waiting.empty()) {
      Place& place = address.waiting.front();
      if (take_out(place)) return &place;
    }
    return nullptr;
  }

  // Of an address that has more than so many.
  Place* displace_of_most(std::size_t own) noexcept {
    while (!sizes.empty()) {
      const auto last = std::prev(sizes.end());
      if (last->first <= own) return nullptr;
      Address& address = by_address.at(last->second);
      if (Place* const place = displace_of(address)) return place;
      address.parked = sizes.extract(last);
    }
    return nullptr;
  }

  // True: it has given way. Nothing happens where its connection has changed the word meanwhile.
  static bool take_out(Place& place) noexcept {
    auto word = place.word.load(std::memory_order_acquire);
    const bool is_firm = (word & kStanding) == bits(Standing::firm);
    const std::uint8_t next = is_firm ? bits(Standing::firm) : kGone;
    if (!place.word.compare_exchange_strong(word, next, std::memory_order_acq_rel)) return false;
    place.unlink();
    return !is_firm;
  }

  const std::size_t most, most_per_address;
  std::mutex mutex;
  std::unordered_map<std::uint64_t, Address> by_address;
  Sizes sizes;              // of all addresses but those that are parked
  std::size_t leaving = 0;  // have given way, and are not closed yet
  std::atomic<std::size_t> total{0};
  std::atomic<std::uint64_t> displaced{0};
};

ConnectionCount::ConnectionCount(std::size_t most, std::size_t most_per_address)
    : state_(std::make_shared<State>(most, most_per_address)) {}

ConnectionCount::Seat ConnectionCount::take(const boost::asio::ip::address& from, bool exempt) {
  const std::uint64_t key = exempt ? kExempt : client_key(from);
  auto place = std::make_unique<Place>(key);
  State& state = *state_;
  GiveWay displaced;
  {
    const std::lock_guard lock(state.mutex);
    State::Address* here = nullptr;
    if (!exempt) {
      const auto [entry, is_new] = state.by_address.try_emplace(key);
      here = &entry->second;
      if (is_new) state.sizes.emplace(0, key);
    }
    const std::size_t own = here != nullptr ? here->count : 0;
    const bool is_full = state.total.load(std::memory_order_relaxed) >= state.most;
    const bool is_full_here = here != nullptr && own >= state.most_per_address;
    if (is_full || is_full_here) {
      Place* gives_way = nullptr;
      if (state.leaving < kMostLeaving) {
        if (!is_full_here) gives_way = state.displace_of_most(own);
        if (gives_way == nullptr && here != nullptr) gives_way = State::displace_of(*here);
      }
      if (gives_way == nullptr) {
        if (here != nullptr && own == 0) state.forget(key, *here);
        return Seat(is_full);
      }
      displaced.swap(gives_way->give_way);
      ++state.leaving;
      state.displaced.fetch_add(1, std::memory_order_relaxed);
      // The newcomer has its place at once where both are of one address, which may have had that one alone.
      if (gives_way->key != key) {
        state.leave(gives_way->key);
      } else {
        state.total.fetch_sub(1, std::memory_order_relaxed);
        state.set_count(key, *here, own - 1);
      }
    }
    if (here != nullptr) state.set_count(key, *here, here->count + 1);
    state.total.fetch_add(1, std::memory_order_relaxed);
  }
  Seat seat(state_, std::move(place));
  if (displaced) displaced();
  return seat;
}

std::size_t ConnectionCount::size() const noexcept {
  return state_->total.load(std::memory_order_relaxed);
}

std::uint64_t ConnectionCount::displaced() const noexcept {
  return state_->displaced.load(std::memory_order_relaxed);
}

ConnectionCount::Seat::Seat() noexcept = default;
ConnectionCount::Seat::Seat(Seat&&) noexcept = default;
ConnectionCount::Seat::Seat(bool full) noexcept : full_(full) {}
ConnectionCount::Seat::Seat(std::shared_ptr<State> state, std::unique_ptr<Place> place) noexcept
    : state_(std::move(state)), place_(std::move(place)) {}

ConnectionCount::Seat::~Seat() {
  if (!place_) return;
  const std::lock_guard lock(state_->mutex);
  if ((place_->word.load(std::memory_order_relaxed) & kGone) != 0) {
    --state_->leaving;
    return;
  }
  place_->unlink();
  state_->leave(place_->key);
}

ConnectionCount::Seat& ConnectionCount::Seat::operator=(Seat&& other) noexcept {
  Seat moved(std::move(other));
  std::swap(state_, moved.state_);
  std::swap(place_, moved.place_);
  full_ = moved.full_;
  return *this;
}

void ConnectionCount::Seat::yield(GiveWay give_way) {
  if (place_->key == kExempt) return;
  const std::lock_guard lock(state_->mutex);
  place_->give_way.swap(give_way);
}

bool ConnectionCount::Seat::stand(Standing standing) noexcept {
  if (!place_) return true;
  auto word = place_->word.load(std::memory_order_relaxed);
  std::uint8_t next = 0;
  do {
    if ((word & kGone) != 0) return false;
    next = static_cast<std::uint8_t>((word & kListed) | bits(standing));
  } while (!place_->word.compare_exchange_weak(word, next, std::memory_order_acq_rel));
  if (standing == Standing::firm || (word & kListed) != 0) return true;
  // Nobody else lists it.
  const std::lock_guard lock(state_->mutex);
  if (place_->give_way) state_->enlist(*place_);
  return true;
}

}  // namespace stoa::net
