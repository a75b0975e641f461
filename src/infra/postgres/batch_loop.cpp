#include <stoa/postgres/detail/batch_loop.hpp>
#include <stoa/postgres/ticker.hpp>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace stoa::pg::detail {
namespace {

// An owner's part of a batch's bytes before the others had theirs: one of so many.
constexpr std::size_t kShares = 8;
// After so long it is asked again whether large items may go.
constexpr std::chrono::milliseconds kHoldBack{5};

std::exception_ptr error(Code code) {
  Error failure(code);
  failure.retry_after(std::chrono::seconds(1));
  return std::make_exception_ptr(failure);
}

DatabaseOptions one_lane(DatabaseOptions options) {
  options.connections = 1;
  options.generic_plans = true;  // planning a batch's statement takes longer than a small batch
  options.queue = 1;
  return options;
}

bool is_error(const std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const Error&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

BatchLoop::BatchLoop(DatabaseOptions database, BatcherOptions options)
    : options_(options), lane_(one_lane(std::move(database))) {
  ticker_ =
      std::make_unique<Ticker>(Ticker::period_for(options_.queue_timeout), [this] { expire(); });
}

BatchLoop::~BatchLoop() = default;

bool BatchLoop::is_full(const Held& waits, std::size_t bytes) const noexcept {
  return waits.items >= options_.queue ||
         (waits.bytes > 0 && waits.bytes + bytes > options_.queue_bytes);
}

// The places, the last first, of what gives way to an item: always the latest of whoever has most, as long as that is more
// than the item's owner would have. None where that does not make room enough.
std::vector<std::size_t> BatchLoop::find_displaced(const BatchWeight& weight) const {
  const auto has_less = [](const Held& one, const Held& other) {
    return one.bytes != other.bytes ? one.bytes < other.bytes : one.items < other.items;
  };
  const auto own = held_.find(weight.owner);
  Held wanted = own == held_.end() ? Held() : own->second;
  wanted.add(weight.bytes);
  Held waits{queue_.size(), queued_bytes_};
  std::unordered_map<Uuid, Held> left;  // of those who give something
  std::vector<std::size_t> places;
  while (is_full(waits, weight.bytes)) {
    const Uuid* most = nullptr;
    Held its;
    for (const auto& [owner, held] : held_) {
      const auto less = left.find(owner);
      const Held& has = less == left.end() ? held : less->second;
      if (most != nullptr && !has_less(its, has)) continue;
      most = &owner;
      its = has;
    }
    if (most == nullptr || !has_less(wanted, its)) return {};
    std::size_t place = queue_.size();
    do --place;
    while (queue_[place]->weight.owner != *most ||
           std::find(places.begin(), places.end(), place) != places.end());
    places.push_back(place);
    its.take(queue_[place]->weight.bytes);
    waits.take(queue_[place]->weight.bytes);
    left[*most] = its;
  }
  std::sort(places.rbegin(), places.rend());
  return places;
}

void BatchLoop::enter(BatchItemPtr item) {
  held_[item->weight.owner].add(item->weight.bytes);
  queued_bytes_ += item->weight.bytes;
  queued_for_batch_ += item->weight.in_batch();
  queue_.push_back(std::move(item));
}

// It is in the queue no more.
void BatchLoop::left(const BatchItem& item) {
  queued_bytes_ -= item.weight.bytes;
  queued_for_batch_ -= item.weight.in_batch();
  const auto held = held_.find(item.weight.owner);
  held->second.take(item.weight.bytes);
  if (held->second.items == 0) held_.erase(held);
}

void BatchLoop::push(BatchItemPtr item) {
  std::vector<BatchItemPtr> refused;
  std::unique_lock lock(mutex_);
  for (const std::size_t place : find_displaced(item->weight)) {
    const auto displaced = queue_.begin() + static_cast<std::ptrdiff_t>(place);
    left(**displaced);
    refused.push_back(std::move(*displaced));
    queue_.erase(displaced);
  }
  const bool stays_out = stopping_ || is_full({queue_.size(), queued_bytes_}, item->weight.bytes);
  bool idle = false, enough = false;
  if (stays_out) {
    refused.push_back(std::move(item));
  } else {
    item->since = std::chrono::steady_clock::now();
    enter(std::move(item));
    idle = !std::exchange(running_, true);
    enough = queue_.size() >= options_.batch || waits_for_more_;
  }
  for (const BatchItemPtr& one : refused) {
    one->error = error(stopping_ ? Code::shutting_down : Code::overloaded);
  }
  stats_.refused += refused.size();
  lock.unlock();
  if (enough) enough_.notify_one();
  if (idle) carry_on();
  if (!refused.empty()) deliver(refused);
}

// Hands the lane its next job, or lets it rest. Called by the one thread that the lane has at the time.
void BatchLoop::carry_on() {
  for (;;) {
    {
      const std::scoped_lock lock(mutex_);
      if (batch_.empty() && queue_.empty()) {
        running_ = false;
        idle_.notify_all();
        return;
      }
    }
    try {
      lane_.submit(shared_from_this(), options_.mode);
      return;
    } catch (const Error&) {
      if (batch_.empty()) gather();
      settle_failed(batch_.size() - first_, std::current_exception());
    }
  }
}

// On the lane's own thread, before anything is asked of the database.
void BatchLoop::let_gather() {
  if (options_.gather.count() == 0) return;
  std::unique_lock lock(mutex_);
  if (queue_.empty()) return;
  enough_.wait_until(lock, queue_.front()->since + options_.gather,
                     [this] { return stopping_ || queue_.size() >= options_.batch; });
}

// The same where nothing that waits may go.
void BatchLoop::let_come() {
  std::unique_lock lock(mutex_);
  waits_for_more_ = true;
  const auto size = queue_.size();
  enough_.wait_for(lock, kHoldBack, [&] { return stopping_ || queue_.size() > size; });
  waits_for_more_ = false;
}

void BatchLoop::take_first() {
  const auto count = std::min(options_.batch, queue_.size());
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
  batch_.assign(std::move_iterator(queue_.begin()), std::move_iterator(end));
  queue_.erase(queue_.begin(), end);
}

// Once for each owner's share, those first who have least waiting, and once more for what is left of the batch. An
// owner's items keep their order: after the first that has to wait, none of his is taken before the second time.
void BatchLoop::take_fairly(bool holds) {
  const std::size_t share = options_.batch_bytes / kShares;
  struct Owner {
    std::size_t bytes = 0;  // that wait
    std::vector<std::size_t> places;
  };
  std::vector<Owner> owners;
  std::unordered_map<Uuid, std::size_t> numbers;
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    const auto [number, is_new] = numbers.try_emplace(queue_[i]->weight.owner, owners.size());
    if (is_new) owners.emplace_back().bytes = held_.at(queue_[i]->weight.owner).bytes;
    owners[number->second].places.push_back(i);
  }
  std::stable_sort(owners.begin(), owners.end(),
                   [](const Owner& a, const Owner& b) { return a.bytes < b.bytes; });
  std::size_t bytes = 0;
  batch_.clear();
  const auto has_room = [&](const BatchItem& item) {
    return batch_.empty() || (batch_.size() < options_.batch &&
                              bytes + item.weight.in_batch() <= options_.batch_bytes);
  };
  const auto take = [&](BatchItemPtr& item) {
    bytes += item->weight.in_batch();
    batch_.push_back(std::move(item));
  };
  for (const Owner& owner : owners) {
    std::size_t taken = 0;
    for (const std::size_t place : owner.places) {
      const BatchWeight& weight = queue_[place]->weight;
      const bool had_share = taken > 0 && taken + weight.in_batch() > share;
      const bool waits = holds && weight.bytes > options_.large;
      if (had_share || waits || !has_room(*queue_[place])) break;
      taken += weight.in_batch();
      take(queue_[place]);
    }
  }
  for (BatchItemPtr& item : queue_) {
    if (!item) continue;
    if (holds || !has_room(*item)) break;
    take(item);
  }
  std::erase(queue_, nullptr);
}

// As late as possible, so that all who came meanwhile are in.
void BatchLoop::gather(bool may_hold) {
  const bool holds = may_hold && options_.large_may_go && !options_.large_may_go();
  {
    const std::scoped_lock lock(mutex_);
    if (holds && !stopping_) {
      take_fairly(true);
    } else if (queued_for_batch_ <= options_.batch_bytes) {
      take_first();
    } else {
      take_fairly(false);
    }
    for (const auto& item : batch_) left(*item);
  }
  first_ = 0;
  count_ = batch_.size();
  load(batch_);
}

void BatchLoop::run(Tx& tx) {
  if (batch_.empty()) {
    let_gather();
    gather(true);
  }
  if (batch_.empty()) {
    let_come();
    gather(true);
  }
  if (count_ == 0) return;
  begun_ = true;
  work(tx, first_, count_);
}

void BatchLoop::succeed() {
  const auto items = std::span<const BatchItemPtr>(batch_).subspan(first_, count_);
  if (!items.empty()) committed(items, first_);
  {
    const std::scoped_lock lock(mutex_);
    ++stats_.commits;
    stats_.committed += count_;
  }
  settle(count_);
  carry_on();
}

void BatchLoop::fail(std::exception_ptr why) {
  if (batch_.empty()) gather();  // the job never ran
  if (is_error(why)) {
    if (begun_) doubted(first_, count_);
    settle_failed(batch_.size() - first_, why);
  } else if (count_ > 1) {
    count_ /= 2;
  } else {
    settle_failed(count_, why);
  }
  carry_on();
}

void BatchLoop::settle_failed(std::size_t count, const std::exception_ptr& why) {
  for (std::size_t i = first_; i < first_ + count; ++i) batch_[i]->error = why;
  {
    const std::scoped_lock lock(mutex_);
    stats_.failed += count;
  }
  settle(count);
}

// The next `count` items have their results.
void BatchLoop::settle(std::size_t count) {
  begun_ = false;
  deliver(std::span(batch_).subspan(first_, count));
  first_ += count;
  count_ = batch_.size() - first_;
  if (count_ == 0) batch_.clear();
}

// One delivery a context, whatever the number of its items.
void BatchLoop::deliver(std::span<BatchItemPtr> items) {
  std::vector<std::pair<std::shared_ptr<Inbox>, std::vector<std::shared_ptr<Waiter>>>> outgoing;
  for (auto& item : items) {
    auto to = std::find_if(outgoing.begin(), outgoing.end(),
                           [&](const auto& group) { return group.first == item->inbox(); });
    if (to == outgoing.end()) {
      outgoing.emplace_back(item->inbox(), 0);
      to = std::prev(outgoing.end());
    }
    to->second.push_back(std::move(item));
  }
  for (auto& [inbox, waiters] : outgoing) inbox->deliver(waiters);
}

void BatchLoop::expire() {
  const auto before = std::chrono::steady_clock::now() - options_.queue_timeout;
  std::vector<BatchItemPtr> late;
  {
    const std::scoped_lock lock(mutex_);
    while (!queue_.empty() && queue_.front()->since < before) {
      left(*queue_.front());
      late.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    stats_.refused += late.size();
  }
  if (late.empty()) return;
  const auto why = error(Code::db_unavailable);
  for (auto& item : late) item->error = why;
  deliver(late);
}

BatcherStats BatchLoop::stats() const {
  const std::scoped_lock lock(mutex_);
  BatcherStats stats = stats_;
  stats.queued = queue_.size();
  return stats;
}

void BatchLoop::stop() {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    enough_.notify_one();
    idle_.wait(lock, [this] { return !running_; });
  }
  lane_.stop();
}

}  // namespace stoa::pg::detail
