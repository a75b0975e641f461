#include "infra/postgres/failures.hpp"
#include "infra/postgres/worker_connection.hpp"

#include <stoa/core/error.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/postgres/detail/loader_lane.hpp>

#include <atomic>
#include <memory>
#include <unordered_map>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

namespace stoa::pg::detail {
namespace {

// The lanes of a context, by their loaders.
class LaneService final : public asio::execution_context::service {
 public:
  using key_type = LaneService;
  static inline asio::execution_context::id id;

  explicit LaneService(asio::execution_context& owner) : asio::execution_context::service(owner) {}

  std::unordered_map<LoaderId, std::unique_ptr<LoaderLane>> lanes;

 private:
  void shutdown() override {}
};

// As long as a statement may wait for its turn and then take; for ever where statements may.
Lookup::Clock::duration longest_of(const DatabaseOptions& options) {
  if (options.statement_timeout.count() == 0) return Lookup::Clock::duration::max();
  return options.queue_timeout + options.statement_timeout + WorkerConnection::kCutMargin;
}

bool is_cancelled(const Lookup& lookup) {
  return lookup.cancellation.cancelled() != asio::cancellation_type::none;
}

bool is_cancellation(const std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

LoaderId next_loader_id() noexcept {
  static std::atomic<LoaderId> last{0};
  return ++last;
}

void Lookup::begin() {
  lane.push(std::static_pointer_cast<Lookup>(shared_from_this()));
}

LoaderLane& LoaderLane::of(const Executor& executor, LoaderId loader,
                           const DatabaseOptions& options) {
  auto& lane = asio::use_service<LaneService>(executor.context()).lanes[loader];
  if (!lane) {
    lane = std::make_unique<LoaderLane>(options.lookup_batch, options.lookups, longest_of(options));
  }
  return *lane;
}

void LoaderLane::push(LookupPtr lookup) {
  // One alone may be as large as it is.
  if (!waiting_.empty() && waiting_keys_ + lookup->size > queue_) {
    lookup->error = std::make_exception_ptr(Error(Code::overloaded));
    return lookup->deliver();
  }
  lookup->since = Lookup::Clock::now();
  waiting_keys_ += lookup->size;
  waiting_.push_back(std::move(lookup));
  if (!led_) hand_over();
}

LookupPtr LoaderLane::pop() {
  LookupPtr first = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_keys_ -= first->size;
  return first;
}

void LoaderLane::drop_hopeless(Lookup::Clock::time_point now) {
  while (!waiting_.empty()) {
    const Lookup& first = *waiting_.front();
    const bool cancelled = is_cancelled(first);
    if (!cancelled && now - first.since <= longest_) return;
    const LookupPtr gone = pop();
    gone->error =
        cancelled
            ? std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted))
            : refusal(Code::db_unavailable);
    gone->deliver();
  }
}

// It is resumed by a post, so that what comes in the rest of this turn goes along.
void LoaderLane::hand_over() {
  drop_hopeless(Lookup::Clock::now());
  led_ = !waiting_.empty();
  if (!led_) return;
  const LookupPtr leader = pop();
  leader->leads = true;
  leader->deliver();
}

std::vector<LookupPtr> LoaderLane::take(LookupPtr leader) {
  const auto now = Lookup::Clock::now();
  std::size_t keys = leader->size;
  std::vector<LookupPtr> taken;
  taken.push_back(std::move(leader));
  for (;;) {
    drop_hopeless(now);
    if (waiting_.empty() || keys + waiting_.front()->size > most_) return taken;
    keys += waiting_.front()->size;
    taken.push_back(pop());
  }
}

void LoaderLane::put_back(std::span<const LookupPtr> lookups) {
  waiting_.insert(waiting_.begin(), lookups.begin(), lookups.end());
  for (const LookupPtr& lookup : lookups) waiting_keys_ += lookup->size;
}

LoaderRound::LoaderRound(LookupPtr leader)
    : lane_(leader->lane), lookups_(lane_.take(std::move(leader))) {}

LoaderRound::~LoaderRound() {
  if (!settled_) lane_.put_back(others());
  lane_.hand_over();
}

void LoaderRound::succeed() {
  settled_ = true;
  for (const LookupPtr& lookup : others()) lookup->deliver();
}

void LoaderRound::fail(const std::exception_ptr& why) {
  if (is_cancellation(why)) return;
  settled_ = true;
  for (const LookupPtr& lookup : others()) {
    lookup->error = why;
    lookup->deliver();
  }
}

}  // namespace stoa::pg::detail
