#include <stoa/postgres/detail/inbox.hpp>

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace stoa::pg::detail {
namespace {

// Ties an Inbox to its context's life: a context shuts its services down before it is destroyed.
class InboxService final : public asio::execution_context::service {
 public:
  using key_type = InboxService;
  static inline asio::execution_context::id id;

  explicit InboxService(asio::execution_context& owner)
      : asio::execution_context::service(owner),
        inbox(std::make_shared<Inbox>(static_cast<asio::io_context&>(owner))) {}

  const std::shared_ptr<Inbox> inbox;

 private:
  void shutdown() override { inbox->close(); }
};

}  // namespace

Waiter::Waiter() = default;
Waiter::~Waiter() = default;

void Waiter::suspend(std::unique_ptr<Resumption> resumption, const Executor& executor) {
  inbox_ = Inbox::of(executor);
  resumption_ = std::move(resumption);
  inbox_->enroll(*this);
  begin();
}

void Waiter::deliver() {
  inbox_->deliver(shared_from_this());
}

void Waiter::resume() {
  const auto resumption = std::move(resumption_);
  resumption->resume(error);
}

void Waiter::abandon() noexcept {
  resumption_.reset();
}

struct Inbox::Delivery {
  std::shared_ptr<Inbox> inbox;
  void operator()() const { inbox->resume_ready(); }
};

// A thread runs one context as a rule, and its list of services is searched under a lock. The inbox of a context that
// is gone is closed, whatever else has its address by now.
std::shared_ptr<Inbox> Inbox::of(const Executor& executor) {
  thread_local std::shared_ptr<Inbox> latest;
  if (!latest || &latest->context_ != &executor.context() || latest->closed_) {
    latest = asio::use_service<InboxService>(executor.context()).inbox;
  }
  return latest;
}

void Inbox::enroll(Waiter& waiter) {
  const std::scoped_lock lock(mutex_);
  waiter.self_ = waiter.shared_from_this();
  waiter.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &waiter;
  first_ = &waiter;
}

void Inbox::unlink_locked(Waiter& waiter) noexcept {
  (waiter.previous_ != nullptr ? waiter.previous_->next_ : first_) = waiter.next_;
  if (waiter.next_ != nullptr) waiter.next_->previous_ = waiter.previous_;
  waiter.previous_ = waiter.next_ = nullptr;
  waiter.self_.reset();
}

void Inbox::deliver(std::span<std::shared_ptr<Waiter>> waiters) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return;  // the context may be gone: nothing of it is touched any more
  for (auto& waiter : waiters) {
    unlink_locked(*waiter);
    ready_.push_back(std::move(waiter));
  }
  if (!waiters.empty()) post_locked();
}

void Inbox::post_locked() {
  if (posted_) return;
  asio::post(context_, Delivery{shared_from_this()});
  posted_ = true;
}

void Inbox::resume_ready() {
  std::vector<std::shared_ptr<Waiter>> ready;
  {
    const std::scoped_lock lock(mutex_);
    ready.swap(ready_);
    posted_ = false;
  }
  for (std::size_t i = 0; i < ready.size(); ++i) {
    try {
      ready[i]->resume();
    } catch (...) {
      // A coroutine that nobody awaits threw. It goes to whoever runs the context; the rest come
      // first at the next turn.
      const std::scoped_lock lock(mutex_);
      ready_.insert(ready_.begin(), ready.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                    ready.end());
      if (!ready_.empty() && !closed_) post_locked();
      throw;
    }
  }
}

void Inbox::close() noexcept {
  std::vector<std::shared_ptr<Waiter>> ready;
  Waiter* first = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    first = std::exchange(first_, nullptr);
    ready.swap(ready_);
  }
  while (first != nullptr) {
    const std::shared_ptr<Waiter> waiter = std::move(first->self_);
    first = first->next_;
    waiter->abandon();
  }
  for (const auto& waiter : ready) waiter->abandon();
}

}  // namespace stoa::pg::detail
