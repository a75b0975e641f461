#include "infra/jobs/queue_impl.hpp"

#include <utility>

namespace stoa::jobs {

Queue::Queue(pg::Database& db, net::Runtime& runtime, const config::Jobs& config)
    : impl_(std::make_shared<Impl>(db, runtime, config)) {}

Queue::~Queue() = default;

void Queue::add(pg::Tx& tx, std::string_view kind, const std::string& payload, const When& when) {
  impl_->enqueue(tx, kind, payload, when);
}

void Queue::add(Handlers handlers) {
  for (Handler& handler : handlers) impl_->add(std::move(handler), impl_->jobs());
}

void Queue::add(const Chores& chores) {
  for (const Chore& chore : chores) impl_->add(chore);
}

void Queue::start() {
  impl_->start();
}

void Queue::close() {
  impl_->close();
}

void Queue::stop(std::chrono::milliseconds longest) {
  impl_->stop(longest);
}

std::vector<std::string> Queue::kinds() const {
  return impl_->kinds();
}

KindStats Queue::stats(const std::string& kind) const {
  return impl_->stats(kind);
}

}  // namespace stoa::jobs
