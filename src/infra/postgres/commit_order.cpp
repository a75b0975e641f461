#include "infra/postgres/commit_order.hpp"

#include <stoa/core/log.hpp>

#include <exception>
#include <utility>

namespace stoa::pg {
namespace {

void run(const std::vector<CollectedEffect>& effects, bool certain) {
  for (const CollectedEffect& effect : effects) {
    if (!certain && !effect.also_in_doubt) continue;
    try {
      effect.run();
    } catch (const std::exception& error) {
      log::error("effect_failed", {{"reason", error.what()}});
    }
  }
}

}  // namespace

Aftermath::Aftermath(Aftermath&& other) noexcept
    : order_(other.order_), turn_(std::move(other.turn_)), effects_(std::move(other.effects_)) {}

Aftermath& Aftermath::operator=(Aftermath&& other) noexcept {
  if (this == &other) return *this;
  give_up();
  order_ = other.order_;
  turn_ = std::move(other.turn_);
  effects_ = std::move(other.effects_);
  return *this;
}

Aftermath::~Aftermath() {
  give_up();
}

void Aftermath::give_up() noexcept {
  if (turn_) order_->settle(*std::exchange(turn_, nullptr), [] {});
}

void Aftermath::settle(bool certain, std::function<void()> finish) {
  if (!turn_) return finish();
  const auto turn = std::exchange(turn_, nullptr);
  order_->settle(*turn, [effects = std::move(effects_), certain, finish = std::move(finish)] {
    run(effects, certain);
    finish();
  });
}

Aftermath CommitOrder::before_commit(std::vector<CollectedEffect> effects) {
  Aftermath aftermath;
  if (effects.empty()) return aftermath;
  aftermath.order_ = this;
  aftermath.turn_ = std::make_shared<Aftermath::Turn>();
  aftermath.effects_ = std::move(effects);
  const std::scoped_lock lock(mutex_);
  turns_.push_back(aftermath.turn_);
  return aftermath;
}

void CommitOrder::settle(Aftermath::Turn& turn, std::function<void()> act) {
  std::unique_lock lock(mutex_);
  turn.act = std::move(act);
  turn.is_settled = true;
  if (std::exchange(is_running_, true)) return;
  while (!turns_.empty() && turns_.front()->is_settled) {
    const auto next = std::move(turns_.front());
    turns_.pop_front();
    lock.unlock();
    next->act();
    next->act = nullptr;
    lock.lock();
  }
  is_running_ = false;
}

}  // namespace stoa::pg
