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
  if (!lane) lane = std::make_unique<LoaderLane>(options.lookup_batch, options.lookups);
  return *lane;
}

void LoaderLane::push(LookupPtr lookup) {
  // One alone may be as large as it is.
  if (!waiting_.empty() && waiting_keys_ + lookup->size > queue_) {
    lookup->error = std::make_exception_ptr(Error(Code::overloaded));
    return lookup->deliver();
  }
  waiting_keys_ += lookup->size;
  waiting_.push_back(std::move(lookup));
  if (!led_) hand_over();
}

// It is resumed by a post, so that what comes in the rest of this turn goes along.
void LoaderLane::hand_over() {
  led_ = !waiting_.empty();
  if (!led_) return;
  const LookupPtr leader = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_keys_ -= leader->size;
  leader->leads = true;
  leader->deliver();
}

std::vector<LookupPtr> LoaderLane::take(LookupPtr leader) {
  std::size_t keys = leader->size;
  std::vector<LookupPtr> taken;
  taken.push_back(std::move(leader));
  while (!waiting_.empty() && keys + waiting_.front()->size <= most_) {
    keys += waiting_.front()->size;
    waiting_keys_ -= waiting_.front()->size;
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return taken;
}

void LoaderLane::put_back(std::span<const LookupPtr> lookups) {
  waiting_.insert(waiting_.begin(), lookups.begin(), lookups.end());
  for (const LookupPtr& lookup : lookups) waiting_keys_ += lookup->size;
}

void LoaderLane::fail_all(const std::exception_ptr& why) {
  waiting_keys_ = 0;
  for (const LookupPtr& lookup : std::exchange(waiting_, {})) {
    lookup->error = why;
    lookup->deliver();
  }
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
  lane_.fail_all(why);
}

}  // namespace stoa::pg::detail
