#include <stoa/net/waiting_bytes.hpp>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include <boost/asio/post.hpp>

namespace stoa::net {
namespace {

// Those of somebody, the one with most on top; whose sum is that of its parts.
template <class Part>
struct Heap {
  static bool is_less(const Part& a, const Part& b) { return a->bytes() < b->bytes(); }

  void build() {
    for (const Part& part : parts) sum += part->bytes();
    std::make_heap(parts.begin(), parts.end(), is_less);
  }
  std::size_t bytes() const noexcept { return sum; }

  std::vector<Part> parts;
  std::size_t sum = 0;
};

using Person = Heap<Holding*>;
using Address = Heap<Person*>;

// The largest holding of the top, which is taken out.
Holding* take_largest(Person& from) {
  std::pop_heap(from.parts.begin(), from.parts.end(), Person::is_less);
  Holding* const taken = from.parts.back();
  from.parts.pop_back();
  from.sum -= taken->bytes();
  return taken;
}

template <class Part>
Holding* take_largest(Heap<Part>& from) {
  std::pop_heap(from.parts.begin(), from.parts.end(), Heap<Part>::is_less);
  Holding* const taken = take_largest(*from.parts.back());
  from.sum -= taken->bytes();
  std::push_heap(from.parts.begin(), from.parts.end(), Heap<Part>::is_less);
  return taken;
}

}  // namespace

Holding::Holding(WaitingBytes& ledger, std::function<void()> end)
    : ledger_(ledger), end_(std::move(end)) {
  ledger_.all_.push_back(*this);
}

Holding::~Holding() {
  set(0);
}

void WaitingBytes::change(Holding& one, std::size_t bytes) {
  // Of one thread: no exchange is needed.
  const std::size_t sum = sum_.load(std::memory_order_relaxed) - one.bytes_ + bytes;
  sum_.store(sum, std::memory_order_relaxed);
  if (one.is_ended_) going_ = going_ - one.bytes_ + bytes;
  one.bytes_ = bytes;
  if (bytes == 0) one.is_ended_ = false;
  if (sum - going_ > most_) choose();
}

// In the order of n log n of the holdings, and not again before a tenth of the part has come anew.
void WaitingBytes::choose() {
  std::unordered_map<std::uint64_t, std::unordered_map<std::uint64_t, Person>> people;
  for (Holding& one : all_) {
    if (one.bytes_ > 0 && !one.is_ended_) {
      people[one.who_.outer][one.who_.inner].parts.push_back(&one);
    }
  }
  std::vector<Address> addresses;
  addresses.reserve(people.size());
  for (auto& [outer, by_person] : people) {
    Address& address = addresses.emplace_back();
    for (auto& [inner, person] : by_person) {
      person.build();
      address.parts.push_back(&person);
    }
    address.build();
  }
  Heap<Address*> everybody;
  for (Address& address : addresses) everybody.parts.push_back(&address);
  everybody.build();

  const bool is_posted = !chosen_.empty();
  std::uint64_t count = 0;
  while (everybody.sum > most_ - most_ / 10) {
    Holding& one = *take_largest(everybody);
    one.is_ended_ = true;
    going_ += one.bytes_;
    all_.erase(all_.iterator_to(one));
    chosen_.push_back(one);
    ++count;
  }
  ended_.store(ended_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  if (!is_posted && !chosen_.empty()) {
    boost::asio::post(*context_, [this] { end_chosen(); });
  }
}

// What one ends may be others' end as well, so the list is looked at anew each time.
void WaitingBytes::end_chosen() {
  while (!chosen_.empty()) {
    Holding& one = chosen_.front();
    chosen_.pop_front();
    all_.push_back(one);
    if (one.is_ended_) one.end_();
  }
}

}  // namespace stoa::net
